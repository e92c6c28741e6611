/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Bus - the same question again over D-Bus: `bench-bus ADDRESS STORE UNSEEN ROUNDS`. The peer is a process of its own on
 * the same bus. It is asked the same and answers what the agent would, all of it constant: what the bus and sd-bus cost
 * whoever says so much. And it is asked with a bare array of bytes, and answers with one as long as those texts.
 * In turns of TURN. Prints JSON: medians.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#include <systemd/sd-bus.h>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TURN 20
#define NAME "org.example.Bench"

#define HEX_16 "0123456789abcdef"
#define HEX_40 HEX_16 HEX_16 "01234567"
#define HEX_64 HEX_16 HEX_16 HEX_16 HEX_16

static int send_verdict(sd_bus_message *reply)
{
        int r = sd_bus_message_append(
                reply, "(bxsxsa(sssxxsssa{sv})asa(ssssa{sv})ssxa{sv})a{sv}", 1, INT64_C(0), "Good",
                INT64_C(0), "Good", 0, 2, "uri", "policy", 3, HEX_64, HEX_40,
                "O=uatrust,CN=Pump 10000000", "presented", 0, HEX_64, HEX_40, "CN=Bench CA",
                "trusted", 1, "origin", "s", "small/trusted/certs/ca.der", HEX_64, HEX_40,
                "CN=Bench Root", "issuers", 1, "origin", "s", "small/issuers/certs/root.der",
                "small", HEX_16 HEX_16, INT64_C(1), 1, "validUntil", "x", INT64_C(2082585601), 0);

        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int on_verdict(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *purpose, *name, *value;
        sd_bus_message *reply = NULL;
        const void *der;
        size_t n;
        int r;

        (void)userdata;
        (void)error;
        r = sd_bus_message_enter_container(message, 'a', "ay");
        if (r >= 0)
                r = sd_bus_message_read_array(message, 'y', &der, &n);
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        if (r >= 0)
                r = sd_bus_message_read(message, "sa{sv}", &purpose, 1, &name, "s", &value);
        if (r >= 0)
                r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = send_verdict(reply);
        sd_bus_message_unref(reply);
        return r;
}

static int on_bytes(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        static const char data[] = HEX_64 HEX_64 HEX_64 HEX_64 HEX_64 HEX_64 HEX_64 HEX_64;
        sd_bus_message *reply = NULL;
        const void *asked;
        size_t n;
        int r;

        (void)userdata;
        (void)error;
        r = sd_bus_message_read_array(message, 'y', &asked, &n);
        if (r >= 0)
                r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_append_array(reply, 'y', data, sizeof(data));
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Validate", "aaysa{sv}", "(bxsxsa(sssxxsssa{sv})asa(ssssa{sv})ssxa{sv})a{sv}",
                      on_verdict, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Bytes", "ay", "ay", on_bytes, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static sd_bus *open_bus(const char *address)
{
        sd_bus *bus = NULL;

        must(sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, address) >= 0 &&
                     sd_bus_set_bus_client(bus, 1) >= 0 && sd_bus_start(bus) >= 0,
             "connect %s", address);
        return bus;
}

static void serve(const char *address)
{
        sd_bus *bus = open_bus(address);

        must(sd_bus_add_object_vtable(bus, NULL, "/bench", NAME, vtable, NULL) >= 0 &&
                     sd_bus_request_name(bus, NAME, 0) >= 0,
             "serve %s", NAME);
        for (;;)
                if (sd_bus_process(bus, NULL) == 0)
                        must(sd_bus_wait(bus, UINT64_MAX) >= 0, "wait for the bus");
}

static sd_bus_message *call_bytes(sd_bus *bus, const struct ask_validate *question)
{
        sd_bus_message *call = NULL, *reply = NULL;

        must(sd_bus_message_new_method_call(bus, &call, NAME, "/bench", NAME, "Bytes") >= 0 &&
                     sd_bus_message_append_array(call, 'y', question->der, question->n_der) >= 0 &&
                     sd_bus_call(bus, call, 0, NULL, &reply) >= 0,
             "call the peer");
        sd_bus_message_unref(call);
        return reply;
}

static sd_bus_message *validate(sd_bus *bus, const struct ask_validate *question,
                                sd_bus_message *call)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;

        must(sd_bus_message_open_container(call, 'a', "ay") >= 0 &&
                     sd_bus_message_append_array(call, 'y', question->der, question->n_der) >= 0 &&
                     sd_bus_message_close_container(call) >= 0 &&
                     sd_bus_message_append(call, "sa{sv}", "client", 1, "store", "s",
                                           question->store) >= 0,
             "a question");
        must(sd_bus_call(bus, call, 0, &error, &reply) >= 0, "the answer is %s: %s", error.name,
             error.message);
        sd_bus_message_unref(call);
        return reply;
}

static sd_bus_message *call_peer(sd_bus *bus, const struct ask_validate *question)
{
        sd_bus_message *call = NULL;

        must(sd_bus_message_new_method_call(bus, &call, NAME, "/bench", NAME, "Validate") >= 0,
             "a call");
        return validate(bus, question, call);
}

static sd_bus_message *call_agent(sd_bus *bus, const struct ask_validate *question)
{
        sd_bus_message *call = NULL;

        must(sd_bus_message_new_method_call(bus, &call, "org.uatrust.Agent1", "/org/uatrust/Agent1",
                                            "org.uatrust.Agent1.Manager", "Validate") >= 0,
             "a call");
        return validate(bus, question, call);
}

static void must_be_good(sd_bus_message *reply)
{
        int is_trusted = 0;

        must(sd_bus_message_enter_container(reply, 'r', NULL) > 0 &&
                     sd_bus_message_read(reply, "b", &is_trusted) > 0 && is_trusted,
             "the agent trusts the certificate");
        sd_bus_message_unref(reply);
}

static void run_turn(sd_bus *bus, const struct ask_validate *question,
                     sd_bus_message *(*call)(sd_bus *, const struct ask_validate *),
                     struct samples *samples)
{
        for (int i = 0; i < TURN; i++) {
                uint64_t start_ns = sample_now_ns();

                sd_bus_message_unref(call(bus, question));
                samples_add(samples, sample_now_ns() - start_ns);
        }
}

int main(int argc, char **argv)
{
        struct ask_validate question = { 0 };
        struct samples agent = { 0 }, peer = { 0 }, bytes = { 0 };
        size_t n_unseen;
        sd_bus *bus;

        must(argc == 5, "usage: bench-bus ADDRESS STORE UNSEEN ROUNDS");
        if (fork() == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                serve(argv[1]);
        }

        question.store = argv[2];
        question.der = files_read(argv[3], &n_unseen);
        question.n_der = ask_der_bytes(question.der, n_unseen);
        bus = open_bus(argv[1]);
        while (sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                  "org.freedesktop.DBus", "GetNameOwner", NULL, NULL, "s",
                                  NAME) < 0)
                usleep(1000);

        must_be_good(call_agent(bus, &question));
        for (unsigned long i = 0; i < strtoul(argv[4], NULL, 10); i++) {
                run_turn(bus, &question, call_peer, &peer);
                run_turn(bus, &question, call_agent, &agent);
                run_turn(bus, &question, call_bytes, &bytes);
        }

        printf("{\"agent_ns\":%lu,\"agent_p99_ns\":%lu,\"peer_ns\":%lu,\"peer_p99_ns\":%lu,"
               "\"bytes_ns\":%lu}\n",
               samples_at(&agent, 0.5), samples_at(&agent, 0.99), samples_at(&peer, 0.5),
               samples_at(&peer, 0.99), samples_at(&bytes, 0.5));
        return 0;
}
