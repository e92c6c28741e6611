/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Polkit - ask the host's authority whether a caller on the bus may do what the administrator alone
 * does, without waiting for the answer. The texts that people are shown, and what holds where no
 * rule says otherwise, stand in packaging/polkit/org.uatrust.agent1.policy.
 *
 * Only a plain yes is one: an error, a missing or silent authority, or one that would have to ask
 * somebody who may not be asked, are no.
 */

#include "proto/compiler.h"
#include "proto/message.h"

#include <stdbool.h>

struct polkit;
struct sd_bus_message;

/** polkit_answer_fn - how it ended; called exactly once, unless it is cancelled before */
typedef void (*polkit_answer_fn)(bool is_yes, void *userdata);

/**
 * polkit_ask() - may the sender of @message do this?
 * @message: the call; if it allows it, people may be asked, who have NAMES_POLKIT_WAIT_MS for it
 * @out:     polkit_cancel() it, or it ends with its answer
 *
 * @answer is never called before this returns. Return: 0 or a negative errno.
 */
int polkit_ask(struct sd_bus_message *message, enum message_method method, polkit_answer_fn answer,
               void *userdata, struct polkit **out);

/** polkit_cancel() - nobody wants to know any more, nor shall anybody be asked; takes NULL; Return: NULL */
struct polkit *polkit_cancel(struct polkit *polkit);
DEFINE_CLEANUP(struct polkit *, polkit_cancel)
