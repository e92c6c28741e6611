/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/plant.h"

#include "harness/must.h"
#include "harness/tree.h"

#include <uatrust/uatrust.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        READY_S = 20,
        FILE_MAX_BYTES = 1 << 16,
};

static const char *get(const char *name)
{
        const char *value = getenv(name);

        must(value, "%s is not set: this runs by tests/system/library.py", name);
        return value;
}

/* Return: how many bytes. */
static size_t read_file(const char *name, char data[FILE_MAX_BYTES])
{
        char path[512];
        FILE *file;
        size_t n;

        snprintf(path, sizeof(path), "%s/%s", get("UATRUST_PLANT"), name);
        file = fopen(path, "re");
        must(file, "%s", path);
        n = fread(data, 1, FILE_MAX_BYTES, file);
        must(n, "%s", path);
        fclose(file);
        return n;
}

static void lay(const struct plant *plant, const char *name, const char *place)
{
        char data[FILE_MAX_BYTES];
        size_t n = read_file(name, data);

        tree_replace(plant->tree, place, data, n);
}

struct plant *plant_new(void)
{
        struct plant *plant = must_calloc(1, sizeof(*plant));

        plant->tree = tree_new();
        plant->socket = tree_path(plant->tree, "agent");
        plant->admin_socket = tree_path(plant->tree, "admin");
        tree_mkdir(plant->tree, "store/trusted/certs");
        tree_mkdir(plant->tree, "store/trusted/crl");
        tree_mkdir(plant->tree, "store/issuers/certs");
        tree_mkdir(plant->tree, "store/issuers/crl");
        lay(plant, "plant.der", "store/trusted/certs/plant.der");
        lay(plant, "plant.crl", "store/trusted/crl/plant.crl");
        lay(plant, "root.der", "store/issuers/certs/root.der");
        lay(plant, "root.crl", "store/issuers/crl/root.crl");
        plant_start(plant);
        return plant;
}

void plant_free(struct plant *plant)
{
        if (!plant)
                return;

        plant_kill(plant);
        tree_free(plant->tree);
        free(plant->socket);
        free(plant->admin_socket);
        free(plant);
}

static void run_agent(const struct plant *plant, const char *store, const char *notify)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setenv("NOTIFY_SOCKET", notify, 1);
        execl(get("UATRUST_AGENT"), "uatrustd", "--bus=none", "--socket", plant->socket,
              "--admin-socket", plant->admin_socket, "--store", store, NULL);
        _exit(127);
}

static void wait_ready(int receiver)
{
        struct timeval limit = { .tv_sec = READY_S };
        char text[4096];
        ssize_t n;

        setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        do {
                n = recv(receiver, text, sizeof(text) - 1, 0);
                must(n > 0, "the agent is not ready");
                text[n] = '\0';
        } while (!strstr(text, "READY=1"));
}

void plant_start(struct plant *plant)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char *store = tree_path(plant->tree, "store");
        char *notify = tree_path(plant->tree, "notify");
        int receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int former = plant->pid;

        unlink(notify);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", notify);
        must(!bind(receiver, (struct sockaddr *)&address, sizeof(address)), "%s", notify);
        if (former) { /* else the new one would not take the place of one that lives */
                unlink(plant->socket);
                unlink(plant->admin_socket);
        }

        plant->pid = fork();
        must(plant->pid >= 0, "fork");
        if (!plant->pid)
                run_agent(plant, store, notify);
        wait_ready(receiver);

        if (former) {
                kill(former, SIGKILL);
                waitpid(former, NULL, 0);
        }
        close(receiver);
        free(store);
        free(notify);
}

void plant_kill(struct plant *plant)
{
        if (!plant->pid)
                return;

        kill(plant->pid, SIGKILL);
        waitpid(plant->pid, NULL, 0);
        plant->pid = 0;
}

void plant_signal(const struct plant *plant, int number)
{
        kill(plant->pid, number);
}

void plant_revoke(struct plant *plant, bool is_revoked)
{
        lay(plant, is_revoked ? "revoking.crl" : "plant.crl", "store/trusted/crl/plant.crl");
}

struct uatrust_request *plant_request(const char *name)
{
        struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        char path[512];

        snprintf(path, sizeof(path), "%s/%s.der", get("UATRUST_PLANT"), name);
        must(request && !uatrust_request_add_file(request, path, NULL), "%s", path);
        return request;
}
