/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake_agent.h"

#include "harness/must.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct fake_agent {
        pid_t pid;
};

struct script {
        const struct fake_agent_row *rows;
        size_t n_rows, next;
};

static const char mismatch[] = "{\"error\":\"org.uatrust.test.UnexpectedCall\"}";

/* Byte by byte, so that nothing of the next message is taken; Return: false at the end of the connection. */
static bool read_message(int fd, char *message, size_t n_room)
{
        size_t n = 0;

        do {
                must(n < n_room, "message is too long");
                if (read(fd, message + n, 1) != 1)
                        return false;
        } while (message[n++]);
        return true;
}

static void write_all(int fd, const char *data, size_t n)
{
        while (n) {
                ssize_t n_written = send(fd, data, n, MSG_NOSIGNAL);

                if (n_written < 0)
                        return;
                data += n_written;
                n -= (size_t)n_written;
        }
}

static void write_reply(int fd, const char *reply)
{
        size_t n = strlen(reply);
        char *message = must_strdup(reply);

        for (size_t i = 0; i < n; i++)
                if (message[i] == '\n')
                        message[i] = '\0';
        write_all(fd, message, n);
        free(message);
}

static void serve_connection(int fd, struct script *script)
{
        static char message[1 << 20];

        while (read_message(fd, message, sizeof(message))) {
                const struct fake_agent_row *row = &script->rows[script->next];

                if (script->next == script->n_rows)
                        continue;

                script->next++;
                if (!strstr(message, row->expected)) {
                        fprintf(stderr, "fake agent: expected %s, got %s\n", row->expected,
                                message);
                        write_all(fd, mismatch, sizeof(mismatch));
                } else if (row->reply) {
                        write_reply(fd, row->reply);
                } else {
                        return;
                }
        }
}

static void serve(int listener, struct script *script)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
                int fd = accept(listener, NULL, NULL);

                if (fd < 0)
                        _exit(1);
                serve_connection(fd, script);
                close(fd);
        }
}

struct fake_agent *fake_agent_new(const char *path, const struct fake_agent_row *rows,
                                  size_t n_rows)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct script script = { rows, n_rows, 0 };
        struct fake_agent *agent = must_calloc(1, sizeof(*agent));
        int listener;

        must(strlen(path) < sizeof(address.sun_path), "%s", path);
        memcpy(address.sun_path, path, strlen(path) + 1);
        unlink(path);

        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        must(listener >= 0 && !bind(listener, (struct sockaddr *)&address, sizeof(address)) &&
                     !listen(listener, 8),
             "%s", path);

        agent->pid = fork();
        must(agent->pid >= 0, "fork");
        if (!agent->pid)
                serve(listener, &script);

        close(listener);
        return agent;
}

struct fake_agent *fake_agent_free(struct fake_agent *agent)
{
        if (!agent)
                return NULL;

        kill(agent->pid, SIGKILL);
        waitpid(agent->pid, NULL, 0);
        free(agent);
        return NULL;
}

void fake_agent_freep(struct fake_agent **agent)
{
        fake_agent_free(*agent);
}
