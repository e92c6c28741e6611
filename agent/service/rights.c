/* SPDX-License-Identifier: Apache-2.0 */
#include "service/rights.h"

#include "service/stores.h"

bool rights_find_store_name(const struct service_call *call, const char **out)
{
        const struct schema *in = message_get_method(call->method)->in;
        const struct schema_field *field = schema_find_field(in, "store");

        if (field)
                *out = *(char **)((char *)call->in + field->offset);
        return field;
}

static enum access_decision decide(const struct stores *stores, const struct service_call *call,
                                   const char *name)
{
        const struct store_state *state = stores_find(stores, name);

        return access_decide(call->caller, message_get_method(call->method)->flags,
                             state ? state->access : NULL);
}

enum access_decision rights_decide(const struct stores *stores, const struct service_call *call)
{
        const struct schema_method *method = message_get_method(call->method);
        const struct schema_field *field = schema_find_field(method->in, "stores");
        enum access_decision decision;
        const char *name;
        char **names;
        size_t n;

        if (rights_find_store_name(call, &name))
                return decide(stores, call, name);

        decision = access_decide(call->caller, method->flags, NULL);
        if (!field)
                return decision;

        names = schema_items(field, call->in, &n);
        for (size_t i = 0; i < n && decision == ACCESS_ALLOW; i++)
                decision = decide(stores, call, names[i]);
        return decision;
}
