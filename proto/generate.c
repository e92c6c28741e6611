/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Generate - writes this folder's contract files from the tables: cmake --build --preset dev --target contract.
 * A test compares them, so that a change of the contract is seen in review.
 */

#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/idl.h"
#include "proto/introspect.h"
#include "proto/message.h"
#include "proto/names.h"

#include <stdio.h>

static int write_file(const char *dir, const char *name, const struct buf *content)
{
        char path[4096];
        FILE *file;
        size_t n;

        if (buf_error(content))
                return -1;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        file = fopen(path, "we");
        if (!file)
                return -1;

        n = fwrite(content->data, 1, content->n, file);
        return fclose(file) || n != content->n ? -1 : 0;
}

static int write_description(const char *dir, const struct schema_interface *interface)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        char name[128];

        idl_print(interface, &text);
        snprintf(name, sizeof(name), "%s.varlink", interface->name);
        return write_file(dir, name, &text);
}

int main(int argc, char **argv)
{
        CLEANUP(buf_deinit) struct buf xml = BUF_NULL;

        if (argc != 2) {
                fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
                return 2;
        }

        introspect_print(&xml);
        if (write_file(argv[1], NAMES_BUS ".xml", &xml) ||
            write_description(argv[1], &message_agent_interface) ||
            write_description(argv[1], &message_admin_interface) ||
            write_description(argv[1], &message_service_interface)) {
                perror(argv[1]);
                return 1;
        }
        return 0;
}
