/* How fast wolfSSL does what Watchword does: ECCSI (RFC 6507) over P-256 and SAKKE (RFC 6508) with parameter set 1,
 * both with SHA-256.
 *
 *   wolfssl_rates [--seconds S] [--row KEY] [--json]
 *
 * One thread works at a time. A row warms up, then runs in batches of some 30 ms for S seconds (default 1); its rate is that of
 * its best batch. The rows bear the names of Watchword's own benchmark. One that this build of wolfSSL cannot do is null.
 */
#include <wolfssl/options.h>
#include <wolfssl/version.h>
#include <wolfssl/wolfcrypt/settings.h>
#include <wolfssl/wolfcrypt/eccsi.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sakke.h>
/* The exponentiation in the target group has no public function, but a static library with single-precision maths lets it be
 * linked. */
#if defined(LINKED_STATICALLY) && defined(WOLFSSL_HAVE_SP_ECC) && defined(WOLFSSL_SP_1024)
#define HAS_TARGET_GROUP_POW
#include <wolfssl/wolfcrypt/sp.h>
#endif

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ID_OCTETS = 32,          /* a TS 33.180 user identifier */
    SSV_OCTETS = 16,
    MESSAGE_OCTETS = 64,
    SIGNATURE_OCTETS = 129,
    CAPSULE_OCTETS = 257,    /* R, without the masked SSV */
    FIELD_OCTETS = 128,      /* of SAKKE */
    POOL = 4096,             /* signers and signatures, and the operations of a batch at most */
    SAKKE_POOL = 64
};

#define HASH WC_HASH_TYPE_SHA256
#define BATCH_SECONDS 0.03

typedef struct {
    byte id[ID_OCTETS];
    mp_int ssk;
    ecc_point* pvt;
} Signer;

typedef struct {
    byte message[MESSAGE_OCTETS];
    byte octets[SIGNATURE_OCTETS];
} Signature;

typedef struct {
    byte id[ID_OCTETS];
    ecc_point* rsk;
} Receiver;

typedef struct {
    byte ssv[SSV_OCTETS];
    byte masked[SSV_OCTETS];
    byte r[CAPSULE_OCTETS];
} Capsule;

typedef struct {
    const char* key;
    int (*prepare)(void);                /* 0: this build cannot do it */
    void (*renew)(unsigned long count);  /* before each batch of so many, untimed: what no cache may have met */
    void (*operate)(unsigned long n);
    const char* same_as;                 /* wolfSSL has no batch: the single operation stands for it */
} Row;

static WC_RNG rng;
static double seconds_per_row = 1.0;

/* The key management server's keys, and what it publishes. */
static SakkeKey sakke_kms;
static EccsiKey eccsi_kms;
static byte sakke_public[2 * FIELD_OCTETS + 1], eccsi_public[65];
static word32 sakke_public_size = sizeof sakke_public, eccsi_public_size = sizeof eccsi_public;

/* What the row that runs now works on. */
static SakkeKey sakke;
static EccsiKey eccsi;
static Receiver receivers[SAKKE_POOL];
static Capsule capsules[SAKKE_POOL];
static Signer signers[POOL], fresh_signer;
static Signature signatures[POOL];
static ecc_point* fresh_rsk;
static byte known_hash[WC_MAX_DIGEST_SIZE];
static byte* rsk_table;
static byte* identity_table;
static word32 rsk_table_size, identity_table_size;

static void fail(const char* what)
{
    fprintf(stderr, "error: %s\n", what);
    exit(1);
}

static void must(int code, const char* what)
{
    if (code != 0) {
        fprintf(stderr, "error: %s: %s (%d)\n", what, wc_GetErrorString(code), code);
        exit(1);
    }
}

static double now(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) fail("no monotonic clock");
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* An identity that was never used before. */
static void new_identity(byte* id)
{
    static byte prefix[ID_OCTETS - 8];
    static word64 count;
    if (count == 0) must(wc_RNG_GenerateBlock(&rng, prefix, sizeof prefix), "random identity");
    count++;
    memcpy(id, prefix, sizeof prefix);
    for (int i = 0; i < 8; i++) id[ID_OCTETS - 1 - i] = (byte)(count >> (8 * i));
}

static ecc_point* new_point(void)
{
    ecc_point* p = wc_ecc_new_point();
    if (p == NULL) fail("no memory for a point");
    return p;
}

/* ---- Set-up ---------------------------------------------------------------------------------------------------------------- */

static void make_kms(void)
{
    ecc_point* z = new_point();
    must(wc_InitSakkeKey(&sakke_kms, NULL, INVALID_DEVID), "SAKKE key of the KMS");
    must(wc_MakeSakkeKey(&sakke_kms, &rng), "SAKKE master secret");
    must(wc_MakeSakkePublicKey(&sakke_kms, z), "SAKKE public key");
    must(wc_ExportSakkePublicKey(&sakke_kms, sakke_public, &sakke_public_size, 0), "SAKKE public key, encoded");
    wc_ecc_del_point(z);
    must(wc_InitEccsiKey(&eccsi_kms, NULL, INVALID_DEVID), "ECCSI key of the KMS");
    must(wc_MakeEccsiKey(&eccsi_kms, &rng), "ECCSI master secret");
    must(wc_ExportEccsiPublicKey(&eccsi_kms, eccsi_public, &eccsi_public_size, 0), "ECCSI public key, encoded");
}

/* A client knows the public key alone, and wolfSSL overwrites parts of the key that it works with: each row gets one of its
 * own. */
static void open_client(void)
{
    must(wc_InitSakkeKey(&sakke, NULL, INVALID_DEVID), "SAKKE key of a client");
    must(wc_ImportSakkePublicKey(&sakke, sakke_public, sakke_public_size, 1), "SAKKE public key, decoded");
    must(wc_InitEccsiKey(&eccsi, NULL, INVALID_DEVID), "ECCSI key of a client");
    must(wc_ImportEccsiPublicKey(&eccsi, eccsi_public, eccsi_public_size, 1), "ECCSI public key, decoded");
}

static void close_client(void)
{
    wc_FreeSakkeKey(&sakke);
    wc_FreeEccsiKey(&eccsi);
    free(rsk_table);
    free(identity_table);
    rsk_table = identity_table = NULL;
    rsk_table_size = identity_table_size = 0;
}

static void make_receiver(Receiver* receiver)
{
    new_identity(receiver->id);
    if (receiver->rsk == NULL) receiver->rsk = new_point();
    must(wc_MakeSakkeRsk(&sakke_kms, receiver->id, ID_OCTETS, receiver->rsk), "RSK");
}

static void encapsulate(Capsule* capsule)
{
    word16 ssv_size = SSV_OCTETS, size = CAPSULE_OCTETS;
    must(wc_GenerateSakkeSSV(&sakke, &rng, capsule->ssv, &ssv_size), "SSV");
    memcpy(capsule->masked, capsule->ssv, SSV_OCTETS);
    must(wc_MakeSakkeEncapsulatedSSV(&sakke, HASH, capsule->masked, SSV_OCTETS, capsule->r, &size), "encapsulation");
}

/* Refuses a wrong R by itself; a wrong SSV stops the program. */
static void decapsulate(const Capsule* capsule)
{
    byte ssv[SSV_OCTETS];
    memcpy(ssv, capsule->masked, SSV_OCTETS);
    must(wc_DeriveSakkeSSV(&sakke, HASH, ssv, SSV_OCTETS, capsule->r, CAPSULE_OCTETS), "decapsulation");
    if (memcmp(ssv, capsule->ssv, SSV_OCTETS) != 0) fail("decapsulation gave another SSV");
}

static void address_to(const Receiver* receiver)
{
    must(wc_SetSakkeIdentity(&sakke, receiver->id, ID_OCTETS), "SAKKE identity");
}

static void open_with(const Receiver* receiver)
{
    address_to(receiver);
    must(wc_SetSakkeRsk(&sakke, receiver->rsk, rsk_table, rsk_table_size), "RSK, set");
}

static byte* new_table(word32 size)
{
    /* Single-precision maths reads its tables in vectors. */
    byte* table = aligned_alloc(64, ((size_t)size + 63) / 64 * 64);
    if (table == NULL) fail("no memory for a table");
    return table;
}

/* The fastest way to a known identity: its point, and the table of that point where this build has one. */
static void prepare_identity(const Receiver* receiver)
{
    address_to(receiver);
    must(wc_MakeSakkePointI(&sakke, receiver->id, ID_OCTETS), "point of an identity");
    int code = wc_GenerateSakkePointITable(&sakke, NULL, &identity_table_size);
    if (code != LENGTH_ONLY_E) must(code, "size of an identity's table");
    if (identity_table_size == 0) return;
    identity_table = new_table(identity_table_size);
    must(wc_GenerateSakkePointITable(&sakke, identity_table, &identity_table_size), "table of an identity");
}

static int size_rsk_table(const Receiver* receiver)
{
    int code = wc_GenerateSakkeRskTable(&sakke, receiver->rsk, NULL, &rsk_table_size);
    if (code != LENGTH_ONLY_E) must(code, "size of an RSK's table");
    if (rsk_table_size == 0) return 0;
    rsk_table = new_table(rsk_table_size);
    return 1;
}

static void make_rsk_table(unsigned long n)
{
    word32 size = rsk_table_size;
    must(wc_GenerateSakkeRskTable(&sakke, receivers[n % SAKKE_POOL].rsk, rsk_table, &size), "table of an RSK");
}

static void make_signer(Signer* signer)
{
    new_identity(signer->id);
    if (signer->pvt == NULL) {
        signer->pvt = new_point();
        must(mp_init(&signer->ssk), "SSK");
    }
    must(wc_MakeEccsiPair(&eccsi_kms, &rng, HASH, signer->id, ID_OCTETS, &signer->ssk, signer->pvt), "signing pair");
}

static void sign_as(Signer* signer)
{
    byte size = 0;
    must(wc_HashEccsiId(&eccsi, HASH, signer->id, ID_OCTETS, signer->pvt, known_hash, &size), "hash of an identity");
    must(wc_SetEccsiHash(&eccsi, known_hash, size), "hash of an identity, set");
    must(wc_SetEccsiPair(&eccsi, &signer->ssk, signer->pvt), "signing pair, set");
}

static void sign(Signature* signature)
{
    word32 size = SIGNATURE_OCTETS;
    must(wc_SignEccsiHash(&eccsi, &rng, HASH, signature->message, MESSAGE_OCTETS, signature->octets, &size), "signature");
}

static void sign_new(Signature* signature)
{
    must(wc_RNG_GenerateBlock(&rng, signature->message, MESSAGE_OCTETS), "random message");
    sign(signature);
}

static int verifies(const Signature* signature)
{
    int verified = 0;
    int code = wc_VerifyEccsiHash(&eccsi, HASH, signature->message, MESSAGE_OCTETS, signature->octets, SIGNATURE_OCTETS,
        &verified);
    must(code, "verification");
    return verified;
}

static void verify(const Signature* signature)
{
    if (!verifies(signature)) fail("a good signature was refused");
}

/* ---- The rows: what is made ready and checked, and what is timed ----------------------------------------------------------- */

static void issue_rsk(unsigned long n)
{
    byte id[ID_OCTETS];
    (void)n;
    new_identity(id);
    must(wc_MakeSakkeRsk(&sakke_kms, id, ID_OCTETS, fresh_rsk), "RSK");
}

static int rsk_is_valid(const Receiver* receiver, ecc_point* rsk)
{
    int valid = 0;
    must(wc_ValidateSakkeRsk(&sakke, receiver->id, ID_OCTETS, rsk, &valid), "validation of an RSK");
    return valid;
}

static void validate_rsk(unsigned long n)
{
    const Receiver* receiver = &receivers[n % SAKKE_POOL];
    if (!rsk_is_valid(receiver, receiver->rsk)) fail("a good RSK was refused");
}

static int prepare_receivers(void)
{
    for (int i = 0; i < SAKKE_POOL; i++) make_receiver(&receivers[i]);
    if (fresh_rsk == NULL) fresh_rsk = new_point();
    if (rsk_is_valid(&receivers[0], receivers[1].rsk)) fail("another's RSK was found valid");
    validate_rsk(0);
    return 1;
}

static int prepare_capsules(void)
{
    make_receiver(&receivers[0]);
    prepare_identity(&receivers[0]);
    for (int i = 0; i < SAKKE_POOL; i++) encapsulate(&capsules[i]);
    open_with(&receivers[0]);
    decapsulate(&capsules[0]);
    return 1;
}

/* Encapsulation to new identities starts with a check of one, by the RSK of that identity. */
static int prepare_new_recipient(void)
{
    make_receiver(&receivers[0]);
    address_to(&receivers[0]);
    encapsulate(&capsules[0]);
    open_with(&receivers[0]);
    decapsulate(&capsules[0]);
    return 1;
}

static void encapsulate_to_new(unsigned long n)
{
    Receiver receiver = {0};
    Capsule capsule;
    (void)n;
    new_identity(receiver.id);
    address_to(&receiver);
    encapsulate(&capsule);
}

static void encapsulate_to_known(unsigned long n)
{
    encapsulate(&capsules[n % SAKKE_POOL]);
}

static int prepare_tables(void)
{
    prepare_capsules();
    if (!size_rsk_table(&receivers[0])) return 0;
    make_rsk_table(0);
    open_with(&receivers[0]);
    decapsulate(&capsules[0]);
    return 1;
}

static void open_capsule(unsigned long n)
{
    decapsulate(&capsules[n % SAKKE_POOL]);
}

/* Its use in a decapsulation, in another row, is the check of a table. */
static int prepare_table_making(void)
{
    prepare_receivers();
    return size_rsk_table(&receivers[0]);
}

#ifdef HAS_TARGET_GROUP_POW
static mp_int exponents[SAKKE_POOL], power;

/* An element 1 + v*i of the target group is known by v alone: that of a product is (v + w) / (1 - v*w). */
static void multiply_in_target_group(mp_int* v, mp_int* w, mp_int* product)
{
    mp_int* prime = &sakke.params.prime;
    mp_int one, divisor;
    must(mp_init_multi(&one, &divisor, NULL, NULL, NULL, NULL), "numbers");
    must(mp_set(&one, 1), "one");
    must(mp_mulmod(v, w, prime, &divisor), "v*w");
    must(mp_submod(&one, &divisor, prime, &divisor), "1 - v*w");
    must(mp_invmod(&divisor, prime, &divisor), "inverse");
    must(mp_addmod(v, w, prime, product), "v + w");
    must(mp_mulmod(product, &divisor, prime, product), "product");
}

/* g^1 = g, and g^a * g^b = g^(a + b). */
static void check_pow(void)
{
    mp_int one, sum, a, b, product;
    must(mp_init_multi(&one, &sum, &a, &b, &product, NULL), "numbers");
    must(mp_set(&one, 1), "one");
    must(sp_ModExp_Fp_star_1024(&sakke.params.g, &one, &power), "g^1");
    if (mp_cmp(&power, &sakke.params.g) != MP_EQ) fail("g^1 is not g");
    must(mp_addmod(&exponents[0], &exponents[1], &sakke.params.q, &sum), "a + b");
    must(sp_ModExp_Fp_star_1024(&sakke.params.g, &exponents[0], &a), "g^a");
    must(sp_ModExp_Fp_star_1024(&sakke.params.g, &exponents[1], &b), "g^b");
    must(sp_ModExp_Fp_star_1024(&sakke.params.g, &sum, &power), "g^(a + b)");
    multiply_in_target_group(&a, &b, &product);
    if (mp_cmp(&power, &product) != MP_EQ) fail("g^r is wrong");
}

static int prepare_pow(void)
{
    byte octets[FIELD_OCTETS];
    /* An encapsulation loads the parameters p, q and g. */
    prepare_new_recipient();
    must(mp_init(&power), "power");
    for (int i = 0; i < SAKKE_POOL; i++) {
        must(wc_RNG_GenerateBlock(&rng, octets, sizeof octets), "random exponent");
        must(mp_init(&exponents[i]), "exponent");
        must(mp_read_unsigned_bin(&exponents[i], octets, sizeof octets), "exponent");
        must(mp_mod(&exponents[i], &sakke.params.q, &exponents[i]), "exponent");
    }
    check_pow();
    return 1;
}

/* The base is fixed: what single-precision maths has is a table of g. */
static void raise_g(unsigned long n)
{
    must(sp_ModExp_Fp_star_1024(&sakke.params.g, &exponents[n % SAKKE_POOL], &power), "g^r");
}
#else
static int prepare_pow(void)
{
    return 0;
}

static void raise_g(unsigned long n)
{
    (void)n;
}
#endif

static int pair_is_valid(Signer* holder, Signer* signer)
{
    int valid = 0;
    int code = wc_ValidateEccsiPair(&eccsi, HASH, holder->id, ID_OCTETS, &signer->ssk, signer->pvt, &valid);
    must(code, "validation of a signing pair");
    return valid;
}

static void validate_ssk(unsigned long n)
{
    Signer* signer = &signers[n];
    if (!pair_is_valid(signer, signer)) fail("a good signing pair was refused");
}

static void renew_signers(unsigned long count)
{
    for (unsigned long n = 0; n < count; n++) make_signer(&signers[n]);
}

static int prepare_signers(void)
{
    renew_signers(2);
    if (pair_is_valid(&signers[0], &signers[1])) fail("another's signing pair was found valid");
    validate_ssk(0);
    return 1;
}

static void issue_pair(unsigned long n)
{
    (void)n;
    make_signer(&fresh_signer);
}

/* A signer keeps its pair and the hash of its identity. */
static int prepare_signing(void)
{
    make_signer(&signers[0]);
    sign_as(&signers[0]);
    sign_new(&signatures[0]);
    verify(&signatures[0]);
    signatures[0].message[0] ^= 1;
    if (verifies(&signatures[0])) fail("a wrong message was verified");
    /* Verification uses the place of the SSK for another number. */
    sign_as(&signers[0]);
    return 1;
}

static void sign_message(unsigned long n)
{
    sign(&signatures[n]);
}

static int prepare_verifying(void)
{
    make_signer(&signers[0]);
    return 1;
}

/* New signers for each batch. In a pool that came round again, the cache would know some of them. */
static void renew_unknown(unsigned long count)
{
    for (unsigned long n = 0; n < count; n++) {
        make_signer(&signers[n]);
        sign_as(&signers[n]);
        sign_new(&signatures[n]);
    }
}

/* The signature brings the PVT, and the hash of the identity has to be made from it. */
static void verify_unknown(unsigned long n)
{
    byte hash[WC_MAX_DIGEST_SIZE], size = 0;
    ecc_point* pvt = fresh_signer.pvt;
    must(wc_DecodeEccsiPvtFromSig(&eccsi, signatures[n].octets, SIGNATURE_OCTETS, pvt), "PVT");
    must(wc_HashEccsiId(&eccsi, HASH, signers[n].id, ID_OCTETS, pvt, hash, &size), "hash of an identity");
    must(wc_SetEccsiHash(&eccsi, hash, size), "hash of an identity, set");
    verify(&signatures[n]);
}

/* The hash of the one identity stays set; the messages are new, as the cache would know all points of one verified before. */
static void renew_known(unsigned long count)
{
    sign_as(&signers[0]);
    for (unsigned long n = 0; n < count; n++) sign_new(&signatures[n]);
}

static void verify_known(unsigned long n)
{
    verify(&signatures[n]);
}

static const Row rows[] = {
    {"rsk_issue", prepare_receivers, NULL, issue_rsk, NULL},
    {"rsk_issue_batch", NULL, NULL, NULL, "rsk_issue"},
    {"rsk_validate", prepare_receivers, NULL, validate_rsk, NULL},
    {"encapsulate_new", prepare_new_recipient, NULL, encapsulate_to_new, NULL},
    {"encapsulate_batch", NULL, NULL, NULL, "encapsulate_new"},
    {"encapsulate_known", prepare_capsules, NULL, encapsulate_to_known, NULL},
    {"decapsulate_tabled", prepare_tables, NULL, open_capsule, NULL},
    {"decapsulate_untabled", prepare_capsules, NULL, open_capsule, NULL},
    {"rsk_table", prepare_table_making, NULL, make_rsk_table, NULL},
    {"target_group_pow", prepare_pow, NULL, raise_g, NULL},
    {"eccsi_issue", prepare_signers, NULL, issue_pair, NULL},
    {"eccsi_issue_batch", NULL, NULL, NULL, "eccsi_issue"},
    {"eccsi_sign", prepare_signing, NULL, sign_message, NULL},
    {"eccsi_verify_unknown", prepare_verifying, renew_unknown, verify_unknown, NULL},
    {"eccsi_verify_known", prepare_verifying, renew_known, verify_known, NULL},
    {"ssk_validate", prepare_signers, renew_signers, validate_ssk, NULL},
    {"ssk_validate_batch", NULL, NULL, NULL, "ssk_validate"},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static double rates[ROWS];

/* ---- Measuring and printing ------------------------------------------------------------------------------------------------ */

static double time_batch(const Row* row, unsigned long count)
{
    if (row->renew != NULL) row->renew(count);
    double start = now();
    for (unsigned long n = 0; n < count; n++) row->operate(n);
    return now() - start;
}

static double best_rate(const Row* row)
{
    unsigned long count = 1;
    double best = 0, elapsed = time_batch(row, count);
    /* Warm-up: the batch grows to its length. */
    while (elapsed < BATCH_SECONDS && count < POOL) {
        count *= 2;
        elapsed = time_batch(row, count);
    }
    double end = now() + seconds_per_row;
    do {
        elapsed = time_batch(row, count);
        if ((double)count / elapsed > best) best = (double)count / elapsed;
    } while (now() < end);
    return best;
}

static void* measure(void* index)
{
    const Row* row = &rows[(size_t)index];
    open_client();
    rates[(size_t)index] = row->prepare() ? best_rate(row) : 0;
    close_client();
#ifdef FP_ECC
    wc_ecc_fp_free();
#endif
    return NULL;
}

/* wolfSSL caches tables of points for each thread, and what a full cache keeps depends on what came before: each row gets a
 * fresh thread, and with it the best cache that it can have. */
static void measure_in_thread(size_t index)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, measure, (void*)index) != 0 || pthread_join(thread, NULL) != 0) fail("no thread");
}

static int is_row(const char* key)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].key, key) == 0) return 1;
    }
    return 0;
}

static void measure_all(const char* only)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (only != NULL && strcmp(only, rows[i].key) != 0) continue;
        if (rows[i].same_as == NULL) {
            measure_in_thread(i);
            continue;
        }
        for (size_t j = 0; j < ROWS; j++) {
            if (strcmp(rows[j].key, rows[i].same_as) == 0) rates[i] = rates[j];
        }
    }
}

static const char* library_name(void)
{
    return "wolfSSL " LIBWOLFSSL_VERSION_STRING
#ifdef WOLFSSL_SP_X86_64_ASM
        ", single-precision maths in assembly"
#elif defined(WOLFSSL_SP_MATH_ALL)
        ", multi-precision maths"
#endif
#ifdef FP_ECC
        ", cache of point tables"
#endif
        ;
}

/* The model of the processor, without what JSON would have to escape. */
static void machine_name(char* name, size_t size)
{
    char line[256];
    FILE* file = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "unknown");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char* value = strstr(line, ": ");
        if (strncmp(line, "model name", 10) != 0 || value == NULL) continue;
        value[strcspn(value, "\n\"\\")] = 0;
        snprintf(name, size, "%s", value + 2);
        break;
    }
    if (file != NULL) fclose(file);
}

static void print_json(const char* machine)
{
    printf("{\"machine\":\"%s\",\"library\":\"%s\",\"rates\":{", machine, library_name());
    for (size_t i = 0; i < ROWS; i++) {
        printf("%s\"%s\":", i == 0 ? "" : ",", rows[i].key);
        if (rates[i] > 0) printf("%.2f", rates[i]);
        else printf("null");
    }
    printf("}}\n");
}

static void print_table(const char* machine)
{
    printf("%s\n%s\n\n", machine, library_name());
    for (size_t i = 0; i < ROWS; i++) {
        if (rates[i] > 0) printf("%-22s %12.2f /s\n", rows[i].key, rates[i]);
        else printf("%-22s %12s\n", rows[i].key, "-");
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: wolfssl_rates [--seconds S] [--row KEY] [--json]\n");
    return 2;
}

int main(int argc, char** argv)
{
    const char* only = NULL;
    char machine[128];
    int json = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) json = 1;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) seconds_per_row = atof(argv[++i]);
        else if (strcmp(argv[i], "--row") == 0 && i + 1 < argc) only = argv[++i];
        else return usage();
    }
    if (!(seconds_per_row > 0) || (only != NULL && !is_row(only))) return usage();

    must(wc_InitRng(&rng), "random numbers");
    fresh_signer.pvt = new_point();
    must(mp_init(&fresh_signer.ssk), "SSK");
    make_kms();
    measure_all(only);
    machine_name(machine, sizeof machine);
    if (json) print_json(machine);
    else print_table(machine);
    return 0;
}
