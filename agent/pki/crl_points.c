/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl_points.h"

#include "base/vec.h"
#include "pki/extension.h"
#include "pki/name.h"

/* Adds the directory names; what is no readable name is left out. */
static int add_issuers(struct bytes names, struct crl_points *points)
{
        enum extension_name kind;
        struct bytes content;
        struct name *issuers;
        int r;

        while (points->n_issuers < CRL_POINTS_ISSUERS_MAX &&
               extension_next_name(&names, &kind, &content)) {
                if (kind != EXTENSION_NAME_DIRECTORY)
                        continue;

                issuers = (struct name *)points->issuers;
                if (!issuers)
                        points->issuers = issuers =
                                calloc(CRL_POINTS_ISSUERS_MAX, sizeof(*issuers));
                if (!issuers)
                        return -ENOMEM;

                r = name_init(&issuers[points->n_issuers], content);
                if (r < 0)
                        return r;
                points->n_issuers += r == 0;
        }

        return 0;
}

int crl_points_read(struct bytes value, struct crl_points *out)
{
        struct crl_points read = { .value = value };
        struct extension_point point;
        struct bytes points;
        int r = 0;

        if (!extension_open_points(value, &points))
                points.n = 0;
        while (!r && points.n && extension_next_point(&points, &point))
                r = add_issuers(point.issuers, &read);

        if (r)
                crl_points_deinit(&read);
        else
                *out = read;
        return r;
}

void crl_points_deinit(struct crl_points *points)
{
        for (size_t i = 0; i < points->n_issuers; i++)
                name_deinit((struct name *)&points->issuers[i]);
        free((void *)points->issuers);
        *points = (struct crl_points){ .n_issuers = 0 };
}
