/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus_senders.h"

#include "base/vec.h"
#include "front/cgroup.h"
#include "service/caller.h"

#include <systemd/sd-bus.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

struct dbus_senders {
        struct dbus_senders_config config;
        struct dbus_sender *first; /* the latest to come first */
        size_t n;
};

int dbus_senders_new(const struct dbus_senders_config *config, struct dbus_senders **out)
{
        struct dbus_senders *senders = calloc(1, sizeof(*senders));

        if (!senders)
                return -ENOMEM;

        senders->config = *config;
        *out = senders;
        return 0;
}

static struct dbus_sender *sender_free(struct dbus_sender *sender)
{
        if (!sender)
                return NULL;

        sd_bus_slot_unref(sender->match);
        sd_bus_slot_unref(sender->query);
        caller_unref(sender->caller);
        free(sender->name);
        free(sender);
        return NULL;
}

DEFINE_CLEANUP(struct dbus_sender *, sender_free)

static void forget(struct dbus_sender *sender)
{
        struct dbus_sender **at = &sender->senders->first;

        while (*at != sender)
                at = &(*at)->next;
        *at = sender->next;
        sender->senders->n--;
        sender_free(sender);
}

struct dbus_senders *dbus_senders_free(struct dbus_senders *senders)
{
        if (!senders)
                return NULL;

        while (senders->first)
                forget(senders->first);
        free(senders);
        return NULL;
}

static void tell(struct dbus_sender *sender, bool is_gone)
{
        struct dbus_senders *senders = sender->senders;

        senders->config.on_news(sender, is_gone, senders->config.userdata);
        if (is_gone)
                forget(sender);
}

/*
 * -- credentials --------------------------------------------------------------------------------
 */

struct credentials {
        struct caller caller;
        bool has_uid;
        VEC(gid_t) groups;
};

static int read_groups(sd_bus_message *message, struct credentials *out)
{
        const void *groups;
        size_t n_bytes;
        int r;

        r = sd_bus_message_enter_container(message, 'v', "au");
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(message, 'u', &groups, &n_bytes);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n_bytes / sizeof(uint32_t); i++) {
                r = VEC_PUSH(&out->groups, ((const uint32_t *)groups)[i]);
                if (r)
                        return r;
        }
        return sd_bus_message_exit_container(message);
}

static int read_credential(sd_bus_message *message, struct credentials *out)
{
        const char *name;
        uint32_t value;
        int r;

        r = sd_bus_message_read(message, "s", &name);
        if (r < 0)
                return r;

        if (strcmp(name, "UnixGroupIDs") == 0)
                return read_groups(message, out);
        if (strcmp(name, "UnixUserID") != 0 && strcmp(name, "ProcessID") != 0)
                return sd_bus_message_skip(message, "v");

        r = sd_bus_message_read(message, "v", "u", &value);
        if (r < 0)
                return r;
        if (strcmp(name, "ProcessID") == 0) {
                out->caller.pid = (pid_t)value;
        } else {
                out->caller.uid = value;
                out->has_uid = true;
        }
        return 0;
}

/* The bus does not say which group is the primary one: all of them count alike. */
static int read_credentials(sd_bus_message *message, struct caller **out)
{
        struct credentials credentials = {
                .caller = { .door = CALLER_DOOR_BUS, .gid = (gid_t)-1 },
        };
        char cgroup[CALLER_CGROUP_MAX_BYTES + 1];
        int r;

        r = sd_bus_message_enter_container(message, 'a', "{sv}");
        while (r >= 0) {
                r = sd_bus_message_enter_container(message, 'e', "sv");
                if (r <= 0)
                        break;
                r = read_credential(message, &credentials);
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
        }
        if (r >= 0 && !credentials.has_uid)
                r = -ENODATA;

        cgroup_read(credentials.caller.pid, credentials.caller.uid, cgroup);
        credentials.caller.cgroup = cgroup;
        credentials.caller.groups = credentials.groups.items;
        credentials.caller.n_groups = credentials.groups.n;
        if (r >= 0)
                r = caller_new(&credentials.caller, out);
        VEC_FREE(&credentials.groups);
        return r < 0 ? r : 0;
}

static int on_credentials(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct dbus_sender *sender = userdata;
        bool is_gone;

        (void)error;
        is_gone = sd_bus_message_is_method_error(message, NULL) ||
                  read_credentials(message, &sender->caller) < 0;
        tell(sender, is_gone);
        return 0;
}

static int on_name_gone(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        (void)message;
        (void)error;
        tell(userdata, true);
        return 0;
}

/* The match is asked for before the credentials: a name that goes in between is noticed. */
static int ask_bus(struct dbus_sender *sender)
{
        sd_bus *bus = sender->senders->config.bus;
        char rule[512];
        int r;

        snprintf(rule, sizeof(rule),
                 "type='signal',sender='" BUS_NAME "',path='" BUS_PATH "',interface='" BUS_NAME
                 "',member='NameOwnerChanged',arg0='%s',arg2=''",
                 sender->name);
        r = sd_bus_add_match_async(bus, &sender->match, rule, on_name_gone, NULL, sender);
        if (r < 0)
                return r;

        r = sd_bus_call_method_async(bus, &sender->query, BUS_NAME, BUS_PATH, BUS_NAME,
                                     "GetConnectionCredentials", on_credentials, sender, "s",
                                     sender->name);
        return r < 0 ? r : 0;
}

/*
 * -- table --------------------------------------------------------------------------------------
 */

/* The one that has been idle and known for longest. Return: -EBUSY if all have calls. */
static int make_room(struct dbus_senders *senders)
{
        struct dbus_sender *oldest = NULL;

        if (senders->n < DBUS_SENDERS_MAX)
                return 0;

        for (struct dbus_sender *sender = senders->first; sender; sender = sender->next)
                if (sender->n_calls == 0)
                        oldest = sender;
        if (!oldest)
                return -EBUSY;

        forget(oldest);
        return 0;
}

int dbus_senders_get(struct dbus_senders *senders, const char *name, struct dbus_sender **out)
{
        CLEANUP(sender_freep) struct dbus_sender *sender = NULL;
        int r;

        for (sender = senders->first; sender; sender = sender->next) {
                if (strcmp(sender->name, name) == 0) {
                        *out = TAKE(sender);
                        return 0;
                }
        }

        r = make_room(senders);
        if (r)
                return r;

        sender = calloc(1, sizeof(*sender));
        if (!sender)
                return -ENOMEM;

        sender->senders = senders;
        sender->name = strdup(name);
        if (!sender->name)
                return -ENOMEM;

        r = ask_bus(sender);
        if (r)
                return r;

        sender->next = senders->first;
        senders->first = sender;
        senders->n++;
        *out = TAKE(sender);
        return 0;
}
