/* SPDX-License-Identifier: MIT */
/* tree.h: a directory as text, to be compared with itself later. */
#ifndef HK_TESTS_TREE_H
#define HK_TESTS_TREE_H

/* One line an object: path, type and mode, owner, both ACLs, what a link holds, the content of a
 * file. Sorted. The caller frees it. */
char *hk_test_tree(const char *path);

/* The access ACL alone, "u::rwx,u:10000:r-x,...", with numbers. The caller frees it. */
char *hk_test_acl(const char *path);

/* Sets the access or default ACL from such a text. */
void hk_test_acl_set(const char *path, const char *text);
void hk_test_acl_set_default(const char *path, const char *text);

/* "the ACL of path is text", as an assertion. */
void hk_test_assert_acl(const char *path, const char *text);

#endif
