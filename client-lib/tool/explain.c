/* SPDX-License-Identifier: Apache-2.0 */
#include "explain.h"

#include "output.h"

#include <uatrust/uatrust.h>

#include <stdio.h>
#include <string.h>

/* The steps of OPC 10000-4 6.1.3, in order, by their names in findings. */
static const struct {
        const char *step, *text;
        const char *left_out; /* what it means if the request gives nothing to check */
} steps[] = {
        { "structure", "certificate structure", NULL },
        { "chain", "certificate chain", NULL },
        { "signature", "signatures", NULL },
        { "policy", "security policy", "none given: by the rules of the store" },
        { "trust", "trust list", NULL },
        { "validity", "validity period", NULL },
        { "hostName", "host name", "no host name given" },
        { "uri", "application URI", "no URI given" },
        { "usage", "certificate usage", NULL },
        { "findRevocationList", "find revocation list", NULL },
        { "revocation", "revocation", NULL },
};

enum {
        N_STEPS = sizeof(steps) / sizeof(steps[0]),
        STOPS_AT_ONCE = 3, /* a failure of the first three steps ends the validation */
};

/* What to do about the first failure, by its status and, where that says more, its step. */
static const struct {
        const char *status_name, *step, *text;
} advice[] = {
        { "BadCertificateInvalid", "signature",
          "A signature of the chain is wrong: the certificate was altered, or is not\n  "
          "from the CA that it names. Get it anew from its owner." },
        { "BadCertificateInvalid", NULL,
          "The certificate breaks rules that make it ambiguous or unsafe. Its owner\n  "
          "needs a new one." },
        { "BadCertificateChainIncomplete", NULL,
          "Put the certificate of the missing CA into issuers/certs of the store; into\n  "
          "trusted/certs only if everything that this CA issued is to be trusted." },
        { "BadCertificatePolicyCheckFailed", NULL,
          "Keys or signatures are too weak, or of the wrong kind, for this security\n  "
          "policy. Use another policy, or a certificate that fits." },
        { "BadCertificateUntrusted", NULL,
          "If you know whose certificate this is: put it, or a CA of its chain, into\n  "
          "trusted/certs of the store." },
        { "BadCertificateTimeInvalid", NULL,
          "Renew the certificate. If it should hold now, look at the host's clock." },
        { "BadCertificateIssuerTimeInvalid", NULL,
          "The CA's certificate has to be renewed, and the new one put into the store.\n  "
          "If it should hold now, look at the host's clock." },
        { "BadCertificateHostNameInvalid", NULL,
          "Connect by a name that the certificate holds, or have it issued with this\n  "
          "name." },
        { "BadCertificateUriInvalid", NULL,
          "The certificate is another application's, or the application is set up with\n  "
          "another URI than its certificate: make the two equal." },
        { "BadCertificateUseNotAllowed", NULL,
          "The certificate was not issued for this use. Have it issued with the usages\n  "
          "that OPC UA demands." },
        { "BadCertificateIssuerUseNotAllowed", NULL,
          "A certificate of the chain is no CA, or must not sign certificates or CRLs.\n  "
          "The CA needs a new one." },
        { "BadCertificateRevocationUnknown", NULL,
          "Put a current revocation list of the certificate's CA into the crl directory\n  "
          "beside the CA's certificate." },
        { "BadCertificateIssuerRevocationUnknown", NULL,
          "Put a current revocation list of the CA above the one named into the crl\n  "
          "directory beside its certificate." },
        { "BadCertificateRevoked", NULL,
          "Its CA has withdrawn this certificate for good. Whoever presents it needs a\n  "
          "new one." },
        { "BadCertificateIssuerRevoked", NULL,
          "A CA of the chain was withdrawn. What it issued has to be issued anew by\n  "
          "another CA." },
};

static bool is_error(const struct uatrust_finding *finding)
{
        return !strcmp(uatrust_finding_get_severity(finding), "error");
}

static const struct uatrust_finding *find_first_error(const struct uatrust_verdict *verdict)
{
        const struct uatrust_finding *finding;

        for (size_t i = 0; (finding = uatrust_verdict_get_finding(verdict, i)); i++)
                if (is_error(finding))
                        return finding;
        return NULL;
}

/*
 * The chain, its end at the top.
 */

static void print_element(const struct uatrust_chain_element *element, size_t depth)
{
        const char *branch = output_has_unicode() ? "\xe2\x94\x94\xe2\x94\x80 " : "`- ";
        const char *origin = uatrust_chain_element_get_origin(element);

        printf("  %*s%s", depth ? (int)(3 * (depth - 1)) : 0, "", depth ? branch : "");
        output_text(stdout, uatrust_chain_element_get_subject(element));
        printf("\n  %*s", (int)(3 * depth), "");
        output_colour(OUTPUT_FAINT);
        output_text(stdout, uatrust_chain_element_get_list(element));
        if (origin) {
                fputs(": ", stdout);
                output_text(stdout, origin);
        }
        printf(", SHA-256 %.16s", uatrust_chain_element_get_sha256(element));
        output_colour(OUTPUT_PLAIN);
        putchar('\n');
}

static void print_chain(const struct uatrust_verdict *verdict)
{
        size_t n = 0;

        while (uatrust_verdict_get_chain(verdict, n))
                n++;
        if (!n)
                return;

        puts("\nchain, as judged");
        for (size_t i = n; i-- > 0;)
                print_element(uatrust_verdict_get_chain(verdict, i), n - 1 - i);
}

/*
 * The steps.
 */

static bool was_left_out(const struct explain_given *given, const char *step)
{
        return (!strcmp(step, "policy") && !given->has_policy) ||
               (!strcmp(step, "hostName") && !given->has_host) ||
               (!strcmp(step, "uri") && !given->has_uri);
}

static void print_finding(const struct uatrust_finding *finding)
{
        const char *severity = uatrust_finding_get_severity(finding);
        enum output_colour colour = OUTPUT_FAINT;

        if (is_error(finding))
                colour = OUTPUT_BAD;
        else if (!strcmp(severity, "suppressed"))
                colour = OUTPUT_WARN;

        fputs("         ", stdout);
        output_colour(colour);
        output_text(stdout,
                    strcmp(severity, "note") ? uatrust_finding_get_status_name(finding) : "note");
        if (!strcmp(severity, "suppressed"))
                fputs(" (suppressed)", stdout);
        output_colour(OUTPUT_PLAIN);
        fputs(": ", stdout);
        output_text(stdout, uatrust_finding_get_message(finding));
        putchar('\n');
}

/* Return: true if an error of this step decides or would. */
static bool has_error(const struct uatrust_verdict *verdict, size_t step)
{
        const struct uatrust_finding *finding;

        for (size_t i = 0; (finding = uatrust_verdict_get_finding(verdict, i)); i++)
                if (is_error(finding) &&
                    !strcmp(uatrust_finding_get_step(finding), steps[step].step))
                        return true;
        return false;
}

enum state {
        STATE_PASSED,
        STATE_FAILED,
        STATE_LEFT_OUT,
        STATE_NOT_REACHED,
};

static void print_mark(enum state state)
{
        static const struct {
                enum output_colour colour;
                const char *unicode, *ascii;
        } marks[] = {
                [STATE_PASSED] = { OUTPUT_GOOD, "\xe2\x9c\x93", "+" },
                [STATE_FAILED] = { OUTPUT_BAD, "\xe2\x9c\x97", "x" },
                [STATE_LEFT_OUT] = { OUTPUT_FAINT, "-", "-" },
                [STATE_NOT_REACHED] = { OUTPUT_FAINT, "-", "-" },
        };

        output_colour(marks[state].colour);
        printf("  %s", output_has_unicode() ? marks[state].unicode : marks[state].ascii);
        output_colour(OUTPUT_PLAIN);
}

static void print_step(const struct uatrust_verdict *verdict, size_t step, enum state state)
{
        const struct uatrust_finding *finding;

        print_mark(state);
        printf(" %2zu  %s", step + 1, steps[step].text);
        if (state == STATE_LEFT_OUT)
                printf(" (%s)", steps[step].left_out);
        if (state == STATE_NOT_REACHED)
                fputs(" (not reached)", stdout);
        putchar('\n');

        for (size_t i = 0; (finding = uatrust_verdict_get_finding(verdict, i)); i++)
                if (!strcmp(uatrust_finding_get_step(finding), steps[step].step))
                        print_finding(finding);
}

static void print_steps(const struct uatrust_verdict *verdict, const struct explain_given *given)
{
        bool has_stopped = false;

        puts("\nsteps");
        for (size_t i = 0; i < N_STEPS; i++) {
                enum state state = STATE_PASSED;

                if (has_stopped)
                        state = STATE_NOT_REACHED;
                else if (has_error(verdict, i))
                        state = STATE_FAILED;
                else if (was_left_out(given, steps[i].step))
                        state = STATE_LEFT_OUT;

                print_step(verdict, i, state);
                has_stopped = has_stopped || (i < STOPS_AT_ONCE && state == STATE_FAILED);
        }
}

static void print_advice(const struct uatrust_finding *finding)
{
        for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
                if (strcmp(advice[i].status_name, uatrust_finding_get_status_name(finding)))
                        continue;
                if (advice[i].step && strcmp(advice[i].step, uatrust_finding_get_step(finding)))
                        continue;

                printf("\nwhat to do\n  %s\n", advice[i].text);
                return;
        }
}

void explain_print(const struct uatrust_verdict *verdict, const struct explain_given *given)
{
        const struct uatrust_finding *error = find_first_error(verdict);
        char time[32];
        int64_t valid_until;

        print_chain(verdict);
        print_steps(verdict, given);
        if (!uatrust_verdict_is_trusted(verdict) && error)
                print_advice(error);

        printf("\njudged by store ");
        output_text(stdout, uatrust_verdict_get_store(verdict));
        printf(", generation %lld", (long long)uatrust_verdict_get_generation(verdict));
        if (uatrust_verdict_get_valid_until(verdict, &valid_until))
                printf(", holds until %s at most", output_time(valid_until, time));
        putchar('\n');
}
