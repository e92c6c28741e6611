/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Await - for verbs that listen until they are interrupted.
 */

struct uatrust_client;

/**
 * await_news() - until there is something to process, or nobody reads stdout any more: a pipe whose
 * reader has gone would else be found out by the next news, which may never come
 *
 * Where nobody does it ends us, as writing would have. Return: 0, or VERB_EXIT_OUTPUT: that is
 * prevented.
 */
int await_news(struct uatrust_client *client);
