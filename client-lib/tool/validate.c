/* SPDX-License-Identifier: Apache-2.0 */
#include "explain.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/uatrust.h>

#include <stdio.h>
#include <string.h>

static const char help[] =
        "usage: uatrust validate [OPTION...] FILE...\n"
        "\n"
        "Asks the agent whether the first certificate of each FILE, PEM or DER, is to be\n"
        "trusted. Further certificates of the same FILE are its chain.\n"
        "\n"
        "      --purpose PURPOSE      as what it is presented: client (default), server,\n"
        "                             user or https\n"
        "      --store NAME           default: $UATRUST_STORE, or the agent's\n"
        "      --policy POLICY        security policy, as Basic256Sha256 or its whole URI\n"
        "      --application-uri URI  what the application says it is\n"
        "      --host NAME            where the server was found\n"
        "      --suppress STATUS      a finding that shall not decide, as\n"
        "                             BadCertificateTimeInvalid\n"
        "      --at TIME              judge as of 2026-11-21T08:00:00Z, 2026-11-21, or\n"
        "                             seconds since 1970\n"
        "      --chain FILE           further certificates for the chain of each\n"
        "      --explain              show the chain, every step, and what to do\n" OPTIONS_HELP
        "\n"
        "Exit codes: 0 all are trusted, 1 one is not, else one could not be asked about.\n";

enum {
        PURPOSE = OPTIONS_OWN,
        STORE,
        POLICY,
        APPLICATION_URI,
        HOST,
        SUPPRESS,
        AT,
        CHAIN,
        EXPLAIN,

        LIST_MAX = 64, /* of --suppress, of --chain */
};

static const struct option rows[] = {
        { "purpose", required_argument, NULL, PURPOSE },
        { "store", required_argument, NULL, STORE },
        { "policy", required_argument, NULL, POLICY },
        { "application-uri", required_argument, NULL, APPLICATION_URI },
        { "host", required_argument, NULL, HOST },
        { "suppress", required_argument, NULL, SUPPRESS },
        { "at", required_argument, NULL, AT },
        { "chain", required_argument, NULL, CHAIN },
        { "explain", no_argument, NULL, EXPLAIN },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

struct list {
        const char *items[LIST_MAX];
        size_t n;
};

struct question {
        struct options options;
        enum uatrust_purpose purpose;
        const char *store, *policy, *application_uri, *host;
        struct list suppress, chain;
        bool has_at, wants_explanation;
        int64_t at_s;
};

/*
 * Arguments.
 */

static bool read_purpose(struct question *question, const char *text)
{
        static const struct {
                const char *name;
                enum uatrust_purpose purpose;
        } purposes[] = {
                { "client", UATRUST_PURPOSE_CLIENT },
                { "server", UATRUST_PURPOSE_SERVER },
                { "user", UATRUST_PURPOSE_USER },
                { "https", UATRUST_PURPOSE_HTTPS },
        };

        for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
                if (!strcmp(purposes[i].name, text)) {
                        question->purpose = purposes[i].purpose;
                        return true;
                }
        }
        options_usage(&question->options,
                      "--purpose: \"%s\" is none of client, server, user, https", text);
        return false;
}

static bool read_time(struct question *question, const char *text)
{
        question->has_at = options_read_time(text, &question->at_s);
        if (!question->has_at)
                options_usage(&question->options, "--at: \"%s\" is no time", text);
        return question->has_at;
}

static bool add(const struct question *question, struct list *list, const char *item)
{
        if (list->n == LIST_MAX) {
                options_usage(&question->options, "an option is given more than %d times",
                              LIST_MAX);
                return false;
        }
        list->items[list->n++] = item;
        return true;
}

static bool take_option(struct question *question, int option, const char *value)
{
        switch (option) {
        case PURPOSE:
                return read_purpose(question, value);
        case STORE:
                question->store = value;
                return true;
        case POLICY:
                question->policy = value;
                return true;
        case APPLICATION_URI:
                question->application_uri = value;
                return true;
        case HOST:
                question->host = value;
                return true;
        case SUPPRESS:
                return add(question, &question->suppress, value);
        case AT:
                return read_time(question, value);
        case CHAIN:
                return add(question, &question->chain, value);
        case EXPLAIN:
                question->wants_explanation = true;
                return true;
        default:
                return options_take(&question->options, option, value);
        }
}

/*
 * Asking.
 */

/* A policy may be given by its short name. */
static void set_policy(struct uatrust_request *request, const char *policy)
{
        char uri[512];

        if (policy && !strchr(policy, ':')) {
                snprintf(uri, sizeof(uri), "http://opcfoundation.org/UA/SecurityPolicy#%s", policy);
                policy = uri;
        }
        uatrust_request_set_security_policy_uri(request, policy);
}

static int ask(const struct question *question, struct uatrust_client *client, const char *file,
               struct uatrust_verdict **out, struct uatrust_error **error)
{
        struct uatrust_request *request = uatrust_request_new(question->purpose);
        int r;

        uatrust_request_set_store(request, question->store);
        uatrust_request_set_application_uri(request, question->application_uri);
        uatrust_request_set_host_name(request, question->host);
        set_policy(request, question->policy);
        for (size_t i = 0; i < question->suppress.n; i++)
                uatrust_request_add_suppress(request, question->suppress.items[i]);
        if (question->has_at)
                uatrust_request_set_at(request, question->at_s);

        r = uatrust_request_add_file(request, file, error);
        for (size_t i = 0; !r && i < question->chain.n; i++)
                r = uatrust_request_add_file(request, question->chain.items[i], error);
        if (!r)
                r = uatrust_validate(client, request, out, error);

        uatrust_request_free(request);
        return r;
}

/*
 * Answers.
 */

static void print_findings(const struct uatrust_verdict *verdict)
{
        const struct uatrust_finding *finding;

        for (size_t i = 0; (finding = uatrust_verdict_get_finding(verdict, i)); i++) {
                if (!strcmp(uatrust_finding_get_severity(finding), "note"))
                        continue;

                printf("    %s: ", uatrust_finding_get_severity(finding));
                output_text(stdout, uatrust_finding_get_status_name(finding));
                fputs(": ", stdout);
                output_text(stdout, uatrust_finding_get_message(finding));
                putchar('\n');
        }
}

static void print_verdict(const struct question *question, const char *file,
                          const struct uatrust_verdict *verdict)
{
        struct explain_given given = { question->policy, question->host,
                                       question->application_uri };
        bool is_trusted = uatrust_verdict_is_trusted(verdict);

        output_text(stdout, file);
        fputs(": ", stdout);
        output_colour(is_trusted ? OUTPUT_GOOD : OUTPUT_BAD);
        fputs(is_trusted ? "trusted" : "not trusted", stdout);
        output_colour(OUTPUT_PLAIN);
        printf(", %s\n", uatrust_verdict_get_status_name(verdict));

        if (!question->wants_explanation) {
                print_findings(verdict);
                return;
        }
        if (!is_trusted)
                printf("its sender is told: %s\n", uatrust_verdict_get_wire_status_name(verdict));
        explain_print(verdict, &given);
}

/*
 * {"results":[{"file":...,"verdict":{...}},{"file":...,"error":{...}}],"trusted":...}, written as
 * it comes.
 */
static void print_json(const char *file, const struct uatrust_verdict *verdict, bool is_first)
{
        printf("%s{\"file\":", is_first ? "{\"results\":[" : ",");
        output_json_string(file);
        if (!verdict)
                return;
        fputs(",\"verdict\":", stdout);
        output_json(uatrust_verdict_to_json(verdict));
        putchar('}');
}

/* What could not be asked is neither trusted nor not trusted. */
static void print_json_end(int code)
{
        const char *trusted = "null";

        if (code == VERB_EXIT_OK)
                trusted = "true";
        else if (code == VERB_EXIT_NOT_TRUSTED)
                trusted = "false";
        printf("],\"trusted\":%s}\n", trusted);
}

/* Return: the exit code for this file. */
static int judge(const struct question *question, struct uatrust_client *client, const char *file,
                 bool is_first)
{
        struct uatrust_verdict *verdict = NULL;
        struct uatrust_error *error = NULL;
        int r = ask(question, client, file, &verdict, &error);
        int code;

        progress_hide(question->options.progress);
        if (question->options.wants_json)
                print_json(file, verdict, is_first);
        if (r)
                return options_fail(&question->options, error,
                                    uatrust_error_get_code(error) == UATRUST_E_FILE ? NULL : file);

        if (!question->options.wants_json)
                print_verdict(question, file, verdict);
        code = uatrust_verdict_is_trusted(verdict) ? VERB_EXIT_OK : VERB_EXIT_NOT_TRUSTED;
        uatrust_verdict_free(verdict);
        return code;
}

static int judge_all(const struct question *question, struct uatrust_client *client, char **files,
                     size_t n_files)
{
        int worst = VERB_EXIT_OK;

        for (size_t i = 0; i < n_files; i++) {
                int code;

                if (i && question->wants_explanation && !question->options.wants_json)
                        putchar('\n');
                progress_tell(question->options.progress, "judging", i, n_files);
                code = judge(question, client, files[i], i == 0);

                /*
                 * What could not be asked weighs more than what is not trusted; of the former the
                 * first tells.
                 */
                if (code > VERB_EXIT_NOT_TRUSTED && worst <= VERB_EXIT_NOT_TRUSTED)
                        worst = code;
                else if (code > worst && worst == VERB_EXIT_OK)
                        worst = code;
                if (code == VERB_EXIT_UNREACHABLE || code == VERB_EXIT_DENIED)
                        break;
        }

        if (question->options.wants_json)
                print_json_end(worst);
        return worst;
}

int verb_validate(int argc, char **argv)
{
        struct question question = { .options = OPTIONS_DEFAULT,
                                     .purpose = UATRUST_PURPOSE_CLIENT };
        struct uatrust_client *client;
        int option, code;

        while ((option = options_next(&question.options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (!take_option(&question, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind == argc)
                return options_usage(&question.options, "FILE is missing");

        client = options_connect(&question.options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        question.options.error_begin = ",";
        question.options.error_end = "}";
        code = judge_all(&question, client, argv + optind, (size_t)(argc - optind));
        options_disconnect(&question.options, client);
        return code;
}
