/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus_objects.h"

#include "base/vec.h"
#include "front/dbus_calls.h"
#include "front/dbus_codec.h"
#include "front/dbus_vtable.h"
#include "loop/timer.h"
#include "proto/introspect.h"
#include "proto/message_peers.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/catalog.h"
#include "service/service.h"

#include <systemd/sd-bus.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Messages that the bus has not taken: from here on signals are held back and become a resync. */
#define QUEUE_MAX 1024
#define RESUME_MS 50

#define STORE_PATH_MAX (sizeof(NAMES_BUS_STORE_PATH) + 1 + NAMES_STORE_NAME_MAX_BYTES)

struct store_name {
        char text[NAMES_STORE_NAME_MAX_BYTES + 1];
};

struct dbus_objects {
        struct dbus_objects_config config;
        struct dbus_calls *calls;
        struct dbus_vtable *manager, *admin, *store;
        sd_bus_slot *slots[5];
        struct caller *everybody;                  /* who has the rights of everybody on the bus */
        struct service_pending *monitor, *notices; /* the news that become signals */
        bool is_paused;
        bool is_beginning_anew;
        struct loop_timer *resume;     /* runs while paused, or without news */
        VEC(struct store_name) stores; /* that are shown */
};

/*
 * -- asking the service for everybody -----------------------------------------------------------
 */

struct found_store {
        const char *name; /* NULL: only the agent's id is wanted */
        struct message_store store;
        char agent_id[33];
        bool is_found;
        int r;
};

static void on_stores(const struct service_reply *reply, void *userdata)
{
        const struct message_list_stores_reply *out = reply->out;
        struct found_store *found = userdata;

        if (reply->error) {
                found->r = -ENOMEM;
                return;
        }

        snprintf(found->agent_id, sizeof(found->agent_id), "%s", out->agent_id);
        for (size_t i = 0; i < out->n_stores && found->name; i++) {
                if (strcmp(out->stores[i].name, found->name) != 0)
                        continue;
                found->r = schema_copy(&message_store_schema, &out->stores[i], &found->store);
                found->is_found = found->r == 0;
        }
}

/* ListStores is answered at once. */
static int find_store(struct dbus_objects *objects, const char *name, struct found_store *out)
{
        struct message_nothing in = { 0 };

        *out = (struct found_store){ .name = name };
        schema_init(&message_store_schema, &out->store);
        service_call(objects->config.service, &(struct service_call){ .method = MESSAGE_LIST_STORES,
                                                                      .caller = objects->everybody,
                                                                      .in = &in,
                                                                      .reply = on_stores,
                                                                      .userdata = out });
        return out->r;
}

/*
 * -- properties ---------------------------------------------------------------------------------
 */

static int append_property(sd_bus_message *reply, const struct schema *schema, const char *property,
                           const void *value)
{
        char name[64];

        for (size_t i = 0; i < schema->n_fields; i++) {
                introspect_property_name(&schema->fields[i], name);
                if (strcmp(name, property) == 0)
                        return dbus_codec_append_field(reply, &schema->fields[i], value);
        }
        return -ENOENT;
}

static int on_manager_property(sd_bus *bus, const char *path, const char *interface,
                               const char *property, sd_bus_message *reply, void *userdata,
                               sd_bus_error *error)
{
        struct dbus_objects *objects = userdata;
        struct message_manager manager = {
                .version = (char *)objects->config.version,
                .agent_id = (char *)service_agent_id(objects->config.service),
        };

        (void)bus;
        (void)path;
        (void)interface;
        (void)error;
        return append_property(reply, &message_manager_schema, property, &manager);
}

/* The store's name is the last part of its path. Return: NULL: no such path. */
static const char *name_of_path(const char *path)
{
        const char *name = strrchr(path, '/');

        return name && names_is_store(name + 1) ? name + 1 : NULL;
}

static int on_store_property(sd_bus *bus, const char *path, const char *interface,
                             const char *property, sd_bus_message *reply, void *userdata,
                             sd_bus_error *error)
{
        struct dbus_objects *objects = userdata;
        struct found_store found;
        int r;

        (void)bus;
        (void)interface;
        (void)error;
        r = find_store(objects, name_of_path(path), &found);
        if (!r)
                r = found.is_found
                            ? append_property(reply, &message_store_schema, property, &found.store)
                            : -ENOENT;
        schema_deinit(&message_store_schema, &found.store);
        return r;
}

/*
 * -- which objects there are --------------------------------------------------------------------
 */

static bool is_shown(const struct dbus_objects *objects, const char *name)
{
        for (size_t i = 0; i < objects->stores.n; i++)
                if (strcmp(objects->stores.items[i].text, name) == 0)
                        return true;
        return false;
}

static int on_find_store(sd_bus *bus, const char *path, const char *interface, void *userdata,
                         void **out, sd_bus_error *error)
{
        struct dbus_objects *objects = userdata;
        const char *name = name_of_path(path);

        (void)bus;
        (void)interface;
        (void)error;
        if (!name || strlen(path) != strlen(NAMES_BUS_STORE_PATH "/") + strlen(name) ||
            !is_shown(objects, name))
                return 0;

        *out = objects;
        return 1;
}

static int on_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***out,
                        sd_bus_error *error)
{
        struct dbus_objects *objects = userdata;
        char **paths = calloc(objects->stores.n + 1, sizeof(*paths));

        (void)bus;
        (void)prefix;
        (void)error;
        if (!paths)
                return -ENOMEM;

        for (size_t i = 0; i < objects->stores.n; i++) {
                if (asprintf(&paths[i], NAMES_BUS_STORE_PATH "/%s", objects->stores.items[i].text) <
                    0) {
                        while (i > 0)
                                free(paths[--i]);
                        free(paths);
                        return -ENOMEM;
                }
        }
        *out = paths; /* sd-bus frees it */
        return 0;
}

/*
 * -- signals ------------------------------------------------------------------------------------
 */

static void show_store(struct dbus_objects *objects, const char *name, const char *path)
{
        struct store_name shown;

        snprintf(shown.text, sizeof(shown.text), "%s", name);
        if (!VEC_PUSH(&objects->stores, shown))
                sd_bus_emit_object_added(objects->config.bus, path);
}

static void hide_store(struct dbus_objects *objects, const char *name, const char *path)
{
        for (size_t i = 0; i < objects->stores.n; i++) {
                if (strcmp(objects->stores.items[i].text, name) != 0)
                        continue;
                sd_bus_emit_object_removed(objects->config.bus, path);
                objects->stores.items[i] = objects->stores.items[--objects->stores.n];
                return;
        }
}

static void emit(struct dbus_objects *objects, const char *name, const struct schema *schema,
                 const void *fields)
{
        sd_bus_message *signal = NULL;
        int r;

        r = sd_bus_message_new_signal(objects->config.bus, &signal, NAMES_BUS_PATH,
                                      NAMES_BUS_MANAGER, name);
        if (r >= 0)
                r = dbus_codec_append(signal, schema, fields);
        if (r == 0)
                r = sd_bus_send(objects->config.bus, signal, NULL);
        sd_bus_message_unref(signal);
        if (r < 0)
                catalog_tell(objects->config.log, CATALOG_BUS_MESSAGE_LOST, NULL,
                             "D-Bus: a signal is lost: %s", strerror(-r));
}

/* While there were no news some may have been missed: what is now is told as a resync. */
static void emit_event(struct dbus_objects *objects, const struct message_event *event)
{
        struct message_event told = *event;

        if (objects->is_beginning_anew)
                told.kind = (char *)NAMES_EVENT_RESYNC;
        emit(objects, "TrustListChanged", &message_event_schema, &told);
}

static void emit_properties(struct dbus_objects *objects, const char *store)
{
        char path[STORE_PATH_MAX];

        if (!is_shown(objects, store))
                return;

        snprintf(path, sizeof(path), NAMES_BUS_STORE_PATH "/%s", store);
        sd_bus_emit_properties_changed_strv(objects->config.bus, path, NAMES_BUS_STORE,
                                            dbus_vtable_properties(objects->store));
}

/*
 * What a subscriber on the bus must not miss is either sent or, once the bus takes messages again,
 * a resync.
 */
static void pause_if_slow(struct dbus_objects *objects)
{
        uint64_t n = 0;

        sd_bus_get_n_queued_write(objects->config.bus, &n);
        if (n < QUEUE_MAX || objects->is_paused || !objects->monitor || !objects->notices)
                return;

        objects->is_paused = true;
        service_pause(objects->monitor);
        service_pause(objects->notices);
        loop_timer_start(objects->resume, RESUME_MS);
}

/*
 * A store is no longer everybody's: what is shown is looked at once more, and the news begin anew
 * when the service has told all of its own.
 */
static void on_news_end(struct dbus_objects *objects)
{
        size_t i = 0;

        while (i < objects->stores.n) {
                struct store_name name = objects->stores.items[i];
                struct found_store found;
                char path[STORE_PATH_MAX];
                int r;

                r = find_store(objects, name.text, &found);
                schema_deinit(&message_store_schema, &found.store);
                snprintf(path, sizeof(path), NAMES_BUS_STORE_PATH "/%s", name.text);
                if (r == 0 && !found.is_found)
                        hide_store(objects, name.text, path);
                else
                        i++;
        }

        objects->monitor = NULL;
        loop_timer_start(objects->resume, 0);
}

static void on_event(const struct service_reply *reply, void *userdata)
{
        const struct message_monitor_reply *out = reply->out;
        struct dbus_objects *objects = userdata;
        const struct message_event *event;
        char path[STORE_PATH_MAX];
        struct found_store found;
        int r;

        if (reply->error) {
                on_news_end(objects);
                return;
        }

        event = &out->event;
        snprintf(path, sizeof(path), NAMES_BUS_STORE_PATH "/%s", event->store);
        r = find_store(objects, event->store, &found);
        schema_deinit(&message_store_schema, &found.store);
        if (r == 0 && found.is_found && !is_shown(objects, event->store))
                show_store(objects, event->store, path);
        if (r == 0 && !found.is_found)
                hide_store(objects, event->store, path);

        if (objects->is_beginning_anew || strcmp(event->kind, NAMES_EVENT_STATE) != 0) {
                emit_event(objects, event);
                emit_properties(objects, event->store);
        }
        pause_if_slow(objects);
}

static void on_notice(const struct service_reply *reply, void *userdata)
{
        const struct message_monitor_notices_reply *out = reply->out;
        struct dbus_objects *objects = userdata;

        if (reply->error)
                return;

        if (out->warning) {
                emit(objects, "ExpiryWarning", &message_warning_schema, out->warning);
                emit_properties(objects, out->warning->store);
        }
        if (out->rejected)
                emit(objects, "CertificateRejected", &message_rejected_schema, out->rejected);
        if (out->audit)
                emit(objects, "Audit", &message_audit_event_schema, out->audit);
        pause_if_slow(objects);
}

static void on_shown(const char *store, void *userdata)
{
        struct dbus_objects *objects = userdata;

        if (!objects->is_paused)
                emit_properties(objects, store);
        pause_if_slow(objects);
}

/*
 * -- life ---------------------------------------------------------------------------------------
 */

static int on_admin_method(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct dbus_objects *objects = userdata;

        (void)error;
        dbus_calls_take(
                objects->calls, message,
                schema_find_method(&message_admin_interface, sd_bus_message_get_member(message)));
        return 1;
}

static int on_method(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct dbus_objects *objects = userdata;

        (void)error;
        dbus_calls_take(
                objects->calls, message,
                schema_find_method(&message_agent_interface, sd_bus_message_get_member(message)));
        return 1;
}

static int show_objects(struct dbus_objects *objects)
{
        sd_bus *bus = objects->config.bus;
        sd_bus_slot **slot = objects->slots;
        int r;

        r = sd_bus_add_object_manager(bus, slot++, NAMES_BUS_PATH);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, slot++, NAMES_BUS_PATH, NAMES_BUS_MANAGER,
                                             dbus_vtable_rows(objects->manager), objects);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, slot++, NAMES_BUS_PATH, NAMES_BUS_ADMIN,
                                             dbus_vtable_rows(objects->admin), objects);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(bus, slot++, NAMES_BUS_STORE_PATH, NAMES_BUS_STORE,
                                               dbus_vtable_rows(objects->store), on_find_store,
                                               objects);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(bus, slot++, NAMES_BUS_STORE_PATH, on_enumerate,
                                               objects);
        return r < 0 ? r : 0;
}

/* @in: of a method that has more replies, all of which become signals. */
static struct service_pending *listen(struct dbus_objects *objects, enum message_method method,
                                      const void *in, service_reply_fn on_reply)
{
        return service_call(objects->config.service, &(struct service_call){
                                                             .method = method,
                                                             .caller = objects->everybody,
                                                             .in = in,
                                                             .wants_more = true,
                                                             .reply = on_reply,
                                                             .userdata = objects,
                                                     });
}

static int begin_monitor(struct dbus_objects *objects)
{
        struct message_monitor in = { 0 };

        service_on_shown(objects->config.service, on_shown, objects);
        objects->monitor = listen(objects, MESSAGE_MONITOR, &in, on_event);
        return objects->monitor ? 0 : -ENOMEM;
}

static int begin_to_listen(struct dbus_objects *objects)
{
        struct message_monitor_notices in = { 0 };
        int r;

        r = begin_monitor(objects);
        if (!r)
                objects->notices = listen(objects, MESSAGE_MONITOR_NOTICES, &in, on_notice);
        return objects->notices ? 0 : -ENOMEM;
}

static void on_resume(struct loop_timer *timer, void *userdata)
{
        struct dbus_objects *objects = userdata;
        uint64_t n = 0;

        sd_bus_get_n_queued_write(objects->config.bus, &n);
        if (n > 0) {
                loop_timer_start(timer, RESUME_MS);
                return;
        }

        if (!objects->monitor) {
                objects->is_beginning_anew = true;
                if (begin_monitor(objects))
                        loop_timer_start(timer, RESUME_MS);
                objects->is_beginning_anew = false;
        }
        if (!objects->monitor || !objects->is_paused)
                return;

        objects->is_paused = false;
        service_resume(objects->monitor);
        service_resume(objects->notices);
}

int dbus_objects_new(const struct dbus_objects_config *config, struct dbus_objects **out)
{
        const struct caller everybody = {
                .door = CALLER_DOOR_BUS,
                .uid = (uid_t)-1,
                .gid = (gid_t)-1,
        };
        const struct dbus_calls_config calls = { config->bus, config->service, config->log };
        CLEANUP(dbus_objects_freep) struct dbus_objects *objects = calloc(1, sizeof(*objects));
        int r;

        if (!objects)
                return -ENOMEM;

        objects->config = *config;
        r = caller_new(&everybody, &objects->everybody);
        if (!r)
                r = dbus_calls_new(&calls, &objects->calls);
        if (!r)
                r = loop_timer_new(config->loop, on_resume, objects, &objects->resume);
        if (!r)
                r = dbus_vtable_new(NAMES_BUS_MANAGER, on_method, on_manager_property,
                                    &objects->manager);
        if (!r)
                r = dbus_vtable_new(NAMES_BUS_ADMIN, on_admin_method, NULL, &objects->admin);
        if (!r)
                r = dbus_vtable_new(NAMES_BUS_STORE, NULL, on_store_property, &objects->store);
        if (!r)
                r = show_objects(objects);
        if (!r)
                r = begin_to_listen(objects);
        if (r)
                return r;

        *out = TAKE(objects);
        return 0;
}

struct dbus_objects *dbus_objects_free(struct dbus_objects *objects)
{
        if (!objects)
                return NULL;

        service_on_shown(objects->config.service, NULL, NULL);
        service_cancel(objects->monitor);
        service_cancel(objects->notices);
        dbus_calls_free(objects->calls);
        for (size_t i = 0; i < ARRAY_SIZE(objects->slots); i++)
                sd_bus_slot_unref(objects->slots[i]);
        dbus_vtable_free(objects->manager);
        dbus_vtable_free(objects->admin);
        dbus_vtable_free(objects->store);
        loop_timer_free(objects->resume);
        caller_unref(objects->everybody);
        VEC_FREE(&objects->stores);
        free(objects);
        return NULL;
}
