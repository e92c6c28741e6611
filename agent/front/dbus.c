/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus.h"

#include "base/log.h"
#include "front/dbus_objects.h"
#include "front/dbus_pump.h"
#include "loop/timer.h"
#include "proto/names.h"
#include "service/catalog.h"

#include <systemd/sd-bus.h>

#include <errno.h>
#include <string.h>

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS  10000

struct dbus {
        struct dbus_config config;
        sd_bus *bus; /* NULL: waiting to try again */
        struct dbus_pump *pump;
        struct dbus_objects *objects;
        struct loop_timer *retry;
        uint64_t retry_ms;
        bool is_told; /* that there is no bus: said once, not at each try */
};

static void disconnect(struct dbus *dbus)
{
        dbus->objects = dbus_objects_free(dbus->objects);
        dbus->pump = dbus_pump_free(dbus->pump);
        dbus->bus = sd_bus_close_unref(dbus->bus);
}

static void try_later(struct dbus *dbus, const char *what, int r)
{
        if (!dbus->is_told)
                catalog_tell(dbus->config.log, CATALOG_BUS_LOST, NULL,
                             "D-Bus: %s: %s; trying again", what, strerror(-r));
        dbus->is_told = true;

        disconnect(dbus);
        loop_timer_start(dbus->retry, dbus->retry_ms);
        dbus->retry_ms = dbus->retry_ms * 2 < RETRY_LAST_MS ? dbus->retry_ms * 2 : RETRY_LAST_MS;
}

static void on_lost(int r, void *userdata)
{
        try_later(userdata, "the bus is lost", r);
}

/* A refused name is tried again too: the agent that has it may end. */
static int on_name(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *refused = sd_bus_message_get_error(message);
        struct dbus *dbus = userdata;
        uint32_t answer = 0;

        (void)error;
        if (!refused && sd_bus_message_read(message, "u", &answer) >= 0 && answer == 1) {
                log_info(dbus->config.log, "D-Bus: serving as %s", NAMES_BUS);
                dbus->retry_ms = RETRY_FIRST_MS;
                dbus->is_told = false;
                return 0;
        }

        if (!dbus->is_told)
                catalog_tell(dbus->config.log, CATALOG_BUS_NAME_REFUSED, NULL,
                             "D-Bus: the name %s is not ours: %s", NAMES_BUS,
                             refused && refused->message ? refused->message
                                                         : "another agent has it");
        dbus->is_told = true;
        loop_timer_start(dbus->retry, dbus->retry_ms);
        return 0;
}

static int start(struct dbus *dbus)
{
        const char *address = dbus->config.address;
        int r;

        if (strcmp(address, "system") == 0)
                return sd_bus_open_system(&dbus->bus);
        if (strcmp(address, "session") == 0)
                return sd_bus_open_user(&dbus->bus);

        r = sd_bus_new(&dbus->bus);
        if (r >= 0)
                r = sd_bus_set_address(dbus->bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(dbus->bus, true);
        if (r >= 0)
                r = sd_bus_start(dbus->bus);
        return r;
}

static int connect_bus(struct dbus *dbus)
{
        struct dbus_objects_config objects;
        int r;

        r = start(dbus);
        if (r < 0)
                return r;

        objects = (struct dbus_objects_config){
                .loop = dbus->config.loop,
                .bus = dbus->bus,
                .service = dbus->config.service,
                .log = dbus->config.log,
                .version = dbus->config.version,
        };
        r = sd_bus_set_method_call_timeout(dbus->bus, UINT64_C(1000) * NAMES_BUS_WAIT_MS);
        if (r >= 0)
                r = dbus_objects_new(&objects, &dbus->objects);
        if (r >= 0)
                r = sd_bus_request_name_async(dbus->bus, NULL, NAMES_BUS, 0, on_name, dbus);
        if (r >= 0)
                r = dbus_pump_new(dbus->config.loop, dbus->bus, on_lost, dbus, &dbus->pump);
        return r < 0 ? r : 0;
}

static void on_retry(struct loop_timer *timer, void *userdata)
{
        struct dbus *dbus = userdata;
        int r;

        (void)timer;
        disconnect(dbus);
        r = connect_bus(dbus);
        if (r)
                try_later(dbus, "cannot connect", r);
}

int dbus_new(const struct dbus_config *config, struct dbus **out)
{
        CLEANUP(dbus_freep) struct dbus *dbus = calloc(1, sizeof(*dbus));
        int r;

        if (!dbus)
                return -ENOMEM;

        dbus->config = *config;
        dbus->retry_ms = RETRY_FIRST_MS;
        r = loop_timer_new(config->loop, on_retry, dbus, &dbus->retry);
        if (r)
                return r;

        r = connect_bus(dbus);
        if (r)
                try_later(dbus, "cannot connect", r);

        *out = TAKE(dbus);
        return 0;
}

struct dbus *dbus_free(struct dbus *dbus)
{
        if (!dbus)
                return NULL;

        disconnect(dbus);
        loop_timer_free(dbus->retry);
        free(dbus);
        return NULL;
}
