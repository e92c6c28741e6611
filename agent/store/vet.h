/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Vet - may the store become what a plan makes of it? What is refused, and why, is told in
 * store/update.h.
 */

struct goal;
struct snapshot;
struct update_outcome;

/**
 * vet_plan() - look at what is given, and at what stays
 * @before: the store as it is
 * @after:  as it would be
 * @out:    gets the refusals
 *
 * Cost: that of anchors_find() for what is given, and for what loses an issuer. Return: 0 or
 * -ENOMEM.
 */
int vet_plan(const struct goal *goal, const struct snapshot *before, const struct snapshot *after,
             struct update_outcome *out);
