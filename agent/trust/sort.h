/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sort - arrays of pointers put in order by a number first. Comparing numbers that lie side by side
 * is many times cheaper than following two pointers, and nearly always decides.
 */

#include <stddef.h>
#include <stdint.h>

/** sort_key_fn - the number: where it differs it decides, so it must agree with the order wanted */
typedef uint64_t (*sort_key_fn)(const void *item);

/** sort_compare_fn - the order of two items of equal number; Return: <0, 0, >0 */
typedef int (*sort_compare_fn)(const void *a, const void *b);

/**
 * sort_pointers() - put @items in order
 * @items:    array of @n pointers
 * @out_keys: room for @n numbers, those of the items in their new order; may be NULL
 *
 * Return: 0 or -ENOMEM, in which case nothing has changed.
 */
int sort_pointers(const void **items, size_t n, sort_key_fn key, sort_compare_fn compare,
                  uint64_t *out_keys);

/**
 * sort_prefix() - the first 8 bytes as a number, which orders as memcmp() does; @data: 8 or more
 */
uint64_t sort_prefix(const uint8_t *data);

/**
 * sort_hash() - a number for @n bytes that spreads evenly, for an order that need only be some
 * order
 */
uint64_t sort_hash(const uint8_t *data, size_t n);
