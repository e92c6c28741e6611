/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/extension.h"
#include "pki/link.h"

/* The names of a distribution point: GeneralNames, or one directory name. */
struct point {
        struct bytes full;
        const struct name *directory; /* NULL: full counts */
};

static size_t count_names(const struct point *point)
{
        struct bytes names = point->full, content;
        enum extension_name kind;
        size_t n = 1;

        while (names.n && extension_next_name(&names, &kind, &content))
                n++;
        return n;
}

/* @built: holds the name if one had to be made; name_deinit() it */
static int open_point(const struct extension_point_name *read, const struct name *base,
                      struct name *built, struct point *out)
{
        int r;

        *out = (struct point){ .full = read->full };
        if (!read->relative.n)
                return 0;

        r = name_init_below(built, base, read->relative);
        if (!r)
                out->directory = built;
        return r < 0 ? r : 0;
}

/*
 * Has the point this name? @directory: the name if it is a directory name, which is compared as a
 * name
 */
static int has_name(const struct point *point, enum extension_name kind, struct bytes content,
                    const struct name *directory, bool *out)
{
        struct bytes names = point->full, other_content;
        enum extension_name other_kind;

        *out = directory && point->directory && name_equal(directory, point->directory);
        if (directory)
                return *out ? 0 : link_has_directory(names, directory, out);

        while (!*out && names.n && extension_next_name(&names, &other_kind, &other_content))
                *out = kind == other_kind && bytes_equal(content, other_content);
        return 0;
}

/* Have two points a name in common? */
static int do_meet(const struct point *a, const struct point *b, bool *out)
{
        struct bytes names = a->full, content;
        enum extension_name kind;
        int r = 0;

        *out = false;
        if (a->directory)
                return has_name(b, EXTENSION_NAME_DIRECTORY, names, a->directory, out);

        while (!r && !*out && names.n && extension_next_name(&names, &kind, &content)) {
                struct name directory = NAME_NULL;

                if (kind == EXTENSION_NAME_DIRECTORY)
                        r = name_init(&directory, content);
                if (!r)
                        r = has_name(b, kind, content,
                                     kind == EXTENSION_NAME_DIRECTORY ? &directory : NULL, out);
                name_deinit(&directory);
                if (r > 0)
                        r = 0;
        }

        return r;
}

/* What a CRL says about itself, made ready to be compared with the points of a certificate. */
struct scope {
        const struct crl *crl;
        bool is_of_issuer; /* the CRL's issuer is the certificate's */
        bool has_point;
        struct point point;
        unsigned int reasons;
        size_t n_work; /* comparisons so far */
};

/* Does the CRL lie at that point, and for which reasons? */
static int cover_point(struct scope *scope, const struct extension_point *read, unsigned int *out)
{
        const struct crl_scope *of_crl = &scope->crl->scope;
        struct name built = NAME_NULL;
        bool is_met = scope->is_of_issuer && !of_crl->is_indirect;
        struct point point;
        int r = 0;

        if (read->issuers.n) {
                is_met = false;
                if (of_crl->is_indirect)
                        r = link_has_directory(read->issuers, &scope->crl->issuer, &is_met);
        }

        if (!r)
                r = open_point(&read->name, &scope->crl->issuer, &built, &point);
        if (!r && !point.full.n && !point.directory)
                point.full = read->issuers;

        if (!r && is_met && scope->has_point) {
                scope->n_work += count_names(&scope->point) * count_names(&point);
                is_met = false;
                if (scope->n_work <= LINK_SCOPE_WORK_MAX)
                        r = do_meet(&scope->point, &point, &is_met);
        }

        name_deinit(&built);
        *out = is_met ? scope->reasons & (read->reasons ? read->reasons : LINK_REASONS_ALL) : 0;
        return r;
}

/*
 * All points of the certificate, and the one that RFC 5280 6.3.3 adds: its issuer, for all reasons.
 * Reading: it is not added where the certificate sends us to others only, nor for an indirect CRL
 * where it has points that do not name it.
 */
static int cover_points(struct scope *scope, const struct cert *cert, unsigned int *out)
{
        const struct point of_issuer = { .directory = &cert->issuer };
        struct extension_point read;
        struct bytes points = { NULL, 0 };
        unsigned int reasons = 0;
        bool is_met = true, has_own = cert->crl_points.value.n == 0;
        int r = 0;

        *out = 0;
        if (cert->crl_points.value.n)
                extension_open_points(cert->crl_points.value, &points);

        while (!r && points.n && scope->n_work <= LINK_SCOPE_WORK_MAX &&
               extension_next_point(&points, &read)) {
                scope->n_work++;
                has_own = has_own || !read.issuers.n;
                r = cover_point(scope, &read, &reasons);
                *out |= reasons;
        }

        if (r || !scope->is_of_issuer || !has_own)
                return r;
        if (scope->crl->scope.is_indirect && cert->crl_points.value.n > 0)
                return 0;

        if (scope->has_point)
                r = do_meet(&scope->point, &of_issuer, &is_met);
        if (is_met)
                *out |= scope->reasons;
        return r;
}

/*
 * Is the certificate of the kind that the CRL is limited to? A version that cannot say is of
 * neither.
 */
static bool is_of_kind(const struct crl_scope *scope, const struct cert *cert)
{
        bool is_ca = cert->basic_constraints.is_ca;

        if (scope->has_only_attribute)
                return false;
        if (!scope->has_only_user && !scope->has_only_ca)
                return true;
        return cert->version == 3 && (scope->has_only_ca ? is_ca : !is_ca);
}

int link_crl_scope(const struct crl *crl, const struct cert *cert, unsigned int *out)
{
        struct extension_point_name name = { .full = { NULL, 0 } };
        struct scope scope = {
                .crl = crl,
                .is_of_issuer = name_equal(&crl->issuer, &cert->issuer),
                .has_point = crl->scope.point.n,
                .reasons = crl->scope.reasons ? crl->scope.reasons & LINK_REASONS_ALL
                                              : LINK_REASONS_ALL,
        };
        struct name built = NAME_NULL;
        unsigned int covered = 0;
        int r = 0;

        if (!is_of_kind(&crl->scope, cert)) {
                *out = 0;
                return 0;
        }

        if (scope.has_point && extension_read_point_name(crl->scope.point, &name))
                r = open_point(&name, &crl->issuer, &built, &scope.point);
        if (!r)
                r = cover_points(&scope, cert, &covered);

        name_deinit(&built);
        if (!r)
                *out = covered;
        return r;
}
