/* SPDX-License-Identifier: Apache-2.0 */
#include "own/owner.h"

#include "own/complain.h"
#include "own/verb.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int become(const struct stat *owner, const char *path)
{
        const struct passwd *user = getpwuid(owner->st_uid);
        gid_t gid = user ? user->pw_gid : owner->st_gid;
        int r = user ? initgroups(user->pw_name, gid) : setgroups(0, NULL);

        if (r || setresgid(gid, gid, gid) || setresuid(owner->st_uid, owner->st_uid, owner->st_uid))
                return complain(VERB_EXIT_DENIED, "%s: cannot become its owner, user %u: %s", path,
                                (unsigned int)owner->st_uid, strerror(errno));

        complain_warn("run by root, and %s is user %s's place: done as that user", path,
                      user ? user->pw_name : "without a name");
        return 0;
}

int owner_become(int fd, const char *path)
{
        struct stat owner;

        if (fstat(fd, &owner))
                return complain_file(path, errno);
        return geteuid() == 0 && owner.st_uid != 0 ? become(&owner, path) : 0;
}
