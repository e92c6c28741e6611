/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rejected room - which of the refused certificates goes when there is no room for one more: the
 * one that was longest not seen, among those that were kept on the same user's account, and on that
 * of users who have more than REJECTED_SHARE. So nobody pushes out another's last ones. What is on
 * nobody's account goes like one's own. Pure.
 */

#include <stdint.h>

struct rejected_file;
struct rejected_list;

#define REJECTED_SHARE 16 /* of each user's records others cannot push out */

/**
 * rejected_room_choose() - what is to go for one more
 * @uid: on whose account that is; SCHEMA_INT_ABSENT: nobody's
 *
 * Cost: O(n), and O(n) more for each file of another user that is older than those before it.
 * Return: borrowed; NULL: none may go.
 */
struct rejected_file *rejected_room_choose(struct rejected_list *list, int64_t uid);
