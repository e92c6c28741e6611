/* SPDX-License-Identifier: Apache-2.0 */

/*
 * D-Bus - a message that comes over a bus, as the arguments of any method; and a value of any message, written for the
 * bus and read again. There is no bus: the other end of a socket says what the input says.
 */

#include "front/dbus_codec.h"
#include "fuzz/fuzz.h"
#include "fuzz/value.h"
#include "harness/must.h"
#include "proto/buf.h"
#include "proto/introspect.h"
#include "proto/message.h"

#include <systemd/sd-bus.h>

#include <sys/socket.h>
#include <unistd.h>

#define WELCOME "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        return 0;
}

/* A connection of which @out_fd is the other end. */
static sd_bus *connect_bus(int *out_fd)
{
        sd_bus *bus = NULL;
        int fds[2];

        must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0,
             "socketpair");
        must(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fds[0], fds[0]) >= 0, "sd_bus_set_fd");
        must(write(fds[1], WELCOME, strlen(WELCOME)) == (ssize_t)strlen(WELCOME), "welcome");
        must(sd_bus_start(bus) >= 0, "sd_bus_start");
        *out_fd = fds[1];
        return bus;
}

/* As it comes out at the other end; value_free() it. */
static void *write_and_read(sd_bus *bus, const struct schema *schema, const void *value)
{
        struct dbus_codec_error error = { .reason = "" };
        sd_bus_message *message = NULL;
        void *back = value_new(schema);

        must(sd_bus_message_new_method_call(bus, &message, NULL, "/a", "a.b", "C") >= 0, "message");
        must(dbus_codec_append(message, schema, value) == 0, "dbus_codec_append");
        must(sd_bus_message_seal(message, 1, 0) >= 0 && sd_bus_message_rewind(message, true) >= 0,
             "seal");
        must(dbus_codec_read(message, schema, back, &error) == 0, "%s %s", error.field,
             error.reason);
        sd_bus_message_unref(message);
        return back;
}

/* What was understood, written and read again, is understood as the same. */
static void write_again(sd_bus *bus, const struct schema *schema, const void *value)
{
        void *back = write_and_read(bus, schema, value);

        value_assert_equal(schema, value, back, "written again");
        value_free(schema, back);
}

static void read_message(sd_bus *bus, sd_bus_message *message, const struct schema *schema)
{
        struct dbus_codec_error error = { .reason = "" };
        void *value = value_new(schema);
        int r;

        r = dbus_codec_read(message, schema, value, &error);
        must(r <= 0 || (r == DBUS_CODEC_E_FIELD && error.reason[0]), "dbus_codec_read: %d", r);
        if (r == 0)
                write_again(bus, schema, value);
        value_free(schema, value);
}

static void put(struct buf *out, size_t alignment, const void *data, size_t n)
{
        while (out->n % alignment)
                buf_add_byte(out, 0);
        buf_add(out, data, n);
}

/* A header field: its code, and a text of type @type ("s", "o" or "g"). */
static void put_field(struct buf *out, uint8_t code, char type, const char *text)
{
        const uint8_t variant[] = { code, 1, (uint8_t)type, 0 };
        uint32_t n = (uint32_t)strlen(text);

        put(out, 8, variant, sizeof(variant));
        if (type == 'g')
                buf_add_byte(out, (uint8_t)n);
        else
                put(out, 4, &n, sizeof(n));
        buf_add(out, text, n + 1);
}

/* A method call of that signature around @body. */
static void put_call(struct buf *out, const char *signature, struct bytes body)
{
        struct {
                uint8_t endian, type, flags, version;
                uint32_t n_body, serial, n_fields;
        } header = { 'l', 1, 0, 1, (uint32_t)body.n, 1, 0 };

        buf_add(out, &header, sizeof(header));
        put_field(out, 1, 'o', "/org/uatrust/Agent1");
        put_field(out, 3, 's', "Call");
        put_field(out, 8, 'g', signature);
        must(!buf_error(out), "header");
        header.n_fields = (uint32_t)(out->n - sizeof(header));
        memcpy(out->data, &header, sizeof(header));
        put(out, 8, body.data, body.n);
        must(!buf_error(out), "message");
}

static void receive(const struct schema *schema, struct bytes stream)
{
        sd_bus_message *message = NULL;
        sd_bus *bus;
        int fd, r;

        bus = connect_bus(&fd);
        must(write(fd, stream.data, stream.n) == (ssize_t)stream.n || stream.n > 65536, "send");
        do {
                r = sd_bus_process(bus, &message);
                if (r > 0 && message)
                        read_message(bus, message, schema);
                message = sd_bus_message_unref(message);
        } while (r > 0);

        sd_bus_close(bus);
        sd_bus_unref(bus);
        close(fd);
}

static void receive_call(const struct schema *schema, struct bytes input)
{
        CLEANUP(buf_deinit) struct buf signature = BUF_NULL;
        CLEANUP(buf_deinit) struct buf stream = BUF_NULL;

        introspect_signature(schema, &signature);
        buf_add_byte(&signature, '\0');
        put_call(&stream, (const char *)signature.data, input);
        receive(schema, (struct bytes){ stream.data, stream.n });
}

static void send_value(const struct schema *schema, struct bytes input)
{
        void *value = value_new(schema), *back;
        sd_bus *bus;
        int fd;

        bus = connect_bus(&fd);
        value_fill(schema, value, &input);
        /* What is no UTF-8 changes at the first time. */
        back = write_and_read(bus, schema, value);
        write_again(bus, schema, back);
        value_free(schema, back);
        value_free(schema, value);
        sd_bus_close(bus);
        sd_bus_unref(bus);
        close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct bytes input = { data, n };
        const struct schema *const *schemas;
        const struct schema *schema;
        uint8_t what = fuzz_take_byte(&input);
        size_t n_schemas;

        schemas = value_schemas(&n_schemas);
        schema = schemas[what / 4 % n_schemas];
        if (what % 4 == 0)
                receive(schema, input);
        else if (what % 4 == 1)
                send_value(schema, input);
        else
                receive_call(schema, input);
        return 0;
}
