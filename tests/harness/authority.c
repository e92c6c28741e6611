/* SPDX-License-Identifier: Apache-2.0 */

/*
 * authority ADDRESS ANSWER - an authority like polkit on a bus for tests. Writes a line for each
 * question and each that is taken back; each is answered by ANSWER:
 *
 *         yes, no      is authorized, or not
 *         challenge    would have to ask somebody
 *         fail         an error
 *         nonsense     something that is no answer
 *         silence      nothing, ever
 */

#include "harness/must.h"

#include <systemd/sd-bus.h>

#include <stdint.h>

static const char *answer;

static int on_check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *kind, *key, *name, *action, *id;
        uint32_t flags;
        int is_yes = strcmp(answer, "yes") == 0, is_challenge = strcmp(answer, "challenge") == 0;

        (void)userdata;
        must(sd_bus_message_read(message, "(sa{sv})sa{ss}us", &kind, 1, &key, "s", &name, &action,
                                 0, &flags, &id) >= 0,
             "a question of another form");
        printf("check %s %s %s %u\n", kind, key, action, flags);
        if (strcmp(answer, "silence") == 0)
                return 1;
        if (strcmp(answer, "fail") == 0)
                return sd_bus_error_set(error, "org.freedesktop.PolicyKit1.Error.Failed", "no");
        if (strcmp(answer, "nonsense") == 0)
                return sd_bus_reply_method_return(message, "s", "yes");

        return sd_bus_reply_method_return(message, "(bba{ss})", is_yes, is_challenge, 0);
}

static int on_cancel(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        (void)userdata;
        (void)error;
        printf("cancel\n");
        return sd_bus_reply_method_return(message, "");
}

static const sd_bus_vtable rows[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelCheckAuthorization", "s", "", on_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

int main(int argc, char **argv)
{
        sd_bus *bus;

        must(argc == 3, "ADDRESS ANSWER");
        answer = argv[2];
        setvbuf(stdout, NULL, _IOLBF, 0);
        must(sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, argv[1]) >= 0 &&
                     sd_bus_set_bus_client(bus, 1) >= 0 && sd_bus_start(bus) >= 0,
             "no bus");
        must(sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/PolicyKit1/Authority",
                                      "org.freedesktop.PolicyKit1.Authority", rows, NULL) >= 0,
             "no object");
        must(sd_bus_request_name(bus, "org.freedesktop.PolicyKit1", 0) >= 0, "no name");
        printf("ready\n");
        for (;;) {
                must(sd_bus_process(bus, NULL) >= 0, "process");
                must(sd_bus_wait(bus, UINT64_MAX) >= 0, "wait");
        }
}
