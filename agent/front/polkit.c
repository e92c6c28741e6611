/* SPDX-License-Identifier: Apache-2.0 */
#include "front/polkit.h"

#include "base/clock.h"
#include "proto/names.h"

#include <systemd/sd-bus.h>

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#define BUS_NAME  "org.freedesktop.PolicyKit1"
#define PATH      "/org/freedesktop/PolicyKit1/Authority"
#define INTERFACE BUS_NAME ".Authority"

#define ALLOW_USER_INTERACTION UINT32_C(1)

struct polkit {
        sd_bus *bus; /* that of the message, which the owner holds */
        sd_bus_slot *slot;
        char id[64]; /* by which it can be cancelled; unique among ours */
        polkit_answer_fn answer;
        void *userdata;
};

/* Which action a method of org.uatrust.admin1 is. */
static const char *find_action(enum message_method method)
{
        switch (method) {
        case MESSAGE_BLOCK:
        case MESSAGE_UNBLOCK:
                return NAMES_ACTION_BLOCK;
        case MESSAGE_RELOAD:
                return NAMES_ACTION_RELOAD;
        default:
                return NAMES_ACTION_UPDATE;
        }
}

static struct polkit *polkit_free(struct polkit *polkit)
{
        sd_bus_slot_unref(polkit->slot);
        free(polkit);
        return NULL;
}

struct polkit *polkit_cancel(struct polkit *polkit)
{
        if (!polkit)
                return NULL;

        sd_bus_call_method_async(polkit->bus, NULL, BUS_NAME, PATH, INTERFACE,
                                 "CancelCheckAuthorization", NULL, NULL, "s", polkit->id);
        return polkit_free(polkit);
}

static bool is_yes(sd_bus_message *reply)
{
        int is_authorized = 0, is_challenge = 0;

        return !sd_bus_message_is_method_error(reply, NULL) &&
               sd_bus_message_enter_container(reply, 'r', "bba{ss}") > 0 &&
               sd_bus_message_read(reply, "bb", &is_authorized, &is_challenge) > 0 && is_authorized;
}

/* An authority that is out of patience with people may still be asking them. */
static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        struct polkit *polkit = userdata;
        polkit_answer_fn answer = polkit->answer;
        void *answer_to = polkit->userdata;
        bool is_allowed = is_yes(reply);

        (void)error;
        if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NO_REPLY))
                polkit_cancel(polkit);
        else
                polkit_free(polkit);
        answer(is_allowed, answer_to);
        return 0;
}

/* The subject is the connection to the bus, which cannot become another's. */
static int append_question(sd_bus_message *question, const char *sender, const char *action,
                           uint32_t flags, const char *id)
{
        int r;

        r = sd_bus_message_append(question, "(sa{sv})", "system-bus-name", 1, "name", "s", sender);
        if (r >= 0)
                r = sd_bus_message_append(question, "sa{ss}us", action, 0, flags, id);
        return r;
}

int polkit_ask(struct sd_bus_message *message, enum message_method method, polkit_answer_fn answer,
               void *userdata, struct polkit **out)
{
        bool may_ask = sd_bus_message_get_allow_interactive_authorization(message) > 0;
        uint64_t wait_us = UINT64_C(1000) * (may_ask ? NAMES_POLKIT_WAIT_MS : NAMES_BUS_WAIT_MS);
        struct polkit *polkit = malloc(sizeof(*polkit));
        sd_bus_message *question = NULL;
        int r;

        if (!polkit)
                return -ENOMEM;

        *polkit = (struct polkit){
                .bus = sd_bus_message_get_bus(message),
                .answer = answer,
                .userdata = userdata,
        };
        snprintf(polkit->id, sizeof(polkit->id), "uatrust-%p-%" PRId64, (void *)polkit,
                 clock_monotonic_ns());

        r = sd_bus_message_new_method_call(polkit->bus, &question, BUS_NAME, PATH, INTERFACE,
                                           "CheckAuthorization");
        if (r >= 0)
                r = append_question(question, sd_bus_message_get_sender(message),
                                    find_action(method), may_ask ? ALLOW_USER_INTERACTION : 0,
                                    polkit->id);
        if (r >= 0)
                r = sd_bus_call_async(polkit->bus, &polkit->slot, question, on_answer, polkit,
                                      wait_us);
        sd_bus_message_unref(question);
        if (r < 0) {
                polkit_free(polkit);
                return r;
        }

        *out = polkit;
        return 0;
}
