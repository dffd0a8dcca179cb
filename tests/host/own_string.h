/* SPDX-License-Identifier: MIT */
/*
 * Included before lib/string.c and its test: the kernel's functions under
 * names of their own (k_memcpy ...), because in all other objects memcpy is
 * the sanitizer's, which looks at every byte it touches.
 */
#define OWN(f)	__asm__("k_" #f)
typedef __SIZE_TYPE__ own_size_t;
void *memcpy(void *, const void *, own_size_t) OWN(memcpy);
void *memmove(void *, const void *, own_size_t) OWN(memmove);
void *memset(void *, int, own_size_t) OWN(memset);
int memcmp(const void *, const void *, own_size_t) OWN(memcmp);
void *memchr(const void *, int, own_size_t) OWN(memchr);
own_size_t strlen(const char *) OWN(strlen);
own_size_t strnlen(const char *, own_size_t) OWN(strnlen);
int strcmp(const char *, const char *) OWN(strcmp);
int strncmp(const char *, const char *, own_size_t) OWN(strncmp);
int strcasecmp(const char *, const char *) OWN(strcasecmp);
int strncasecmp(const char *, const char *, own_size_t) OWN(strncasecmp);
char *strchr(const char *, int) OWN(strchr);
char *strrchr(const char *, int) OWN(strrchr);
char *strchrnul(const char *, int) OWN(strchrnul);
char *strstr(const char *, const char *) OWN(strstr);
char *strpbrk(const char *, const char *) OWN(strpbrk);
own_size_t strspn(const char *, const char *) OWN(strspn);
own_size_t strcspn(const char *, const char *) OWN(strcspn);
char *strsep(char **, const char *) OWN(strsep);
#undef OWN
