using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Watchword.Cryptography;

namespace Watchword.KeyManagement.Tests;

/// <summary>A security domain with keys of its own, and the documents that it would send.</summary>
internal sealed class TestDomain
{
    public const string User = "sip:user@example.org";
    public const string Kms = "kms.example.org";
    public const long Period = 1534;
    public const string Url = "https://kms.example.org/keymanagement/identity/v1/keyprov";
    public const string Namespace = "urn:3gpp:ns:mcsecKMSInterface:1.0";

    public static readonly DateTimeOffset Now = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly EccsiMasterKey _eccsi = EccsiMasterKey.Generate();
    private readonly SakkeMasterKey _sakke = SakkeMasterKey.Generate();

    private readonly ConcurrentDictionary<(string User, long Period), Lazy<byte[]>> _issued = new();

    private TestDomain() => Certificate = Certify();

    /// <summary>One domain for all tests: its keys are never changed.</summary>
    public static TestDomain Shared { get; } = new();

    /// <summary>Another domain, whose keys fit nothing of the first.</summary>
    public static TestDomain Other { get; } = new();

    public KmsCertificate Certificate { get; }

    public KmsCertificate Certify(
        KmsCertificateRole role = KmsCertificateRole.Root, string kms = Kms, bool revoked = false, string? certUri = "cert1.kms.example.org",
        KeyPeriodSchedule? schedule = null, DateTimeOffset? from = null, DateTimeOffset? to = null) => new()
        {
            Role = role,
            CertUri = certUri,
            KmsUri = kms,
            Issuer = "www.example.org",
            ValidFrom = from ?? new DateTimeOffset(2000, 1, 26, 0, 0, 0, TimeSpan.Zero),
            ValidTo = to ?? new DateTimeOffset(2036, 1, 26, 23, 59, 59, TimeSpan.Zero),
            Revoked = revoked,
            Schedule = schedule ?? new KeyPeriodSchedule(2592000, 0),
            PublicEncryptionKey = _sakke.PublicKey,
            PublicAuthenticationKey = _eccsi.PublicKey,
            Domains = ["sec1.example.org", "sec2.example.org"],
        };

    /// <summary>
    /// A key set of its own for the caller. Issuing costs a long time without optimisation, so each (user, period) is issued once and
    /// handed out by way of its document.
    /// </summary>
    public KmsKeySet Issue(string user = User, long period = Period)
    {
        byte[] document = _issued.GetOrAdd((user, period), key => new Lazy<byte[]>(() =>
        {
            using KmsResponse answer = Answer(new KmsKeyProv([IssueAnew(key.User, key.Period)]));
            return Write(answer);
        })).Value;
        return ((KmsKeyProv)KmsResponse.Parse(document).Message!).KeySets[0];
    }

    public KmsKeySet IssueAnew(string user = User, long period = Period, KmsCertificate? certificate = null)
    {
        certificate ??= Certificate;
        UserId userId = certificate.UserIdFor(user, period);
        using EccsiSigningKey signing = _eccsi.IssueSigningKey(userId.Octets);
        using SakkeReceiverKey receiver = _sakke.IssueReceiverKey(userId.Octets);
        return KmsKeySet.Create(certificate, user, period, signing, receiver);
    }

    public static KmsResponse Answer(KmsMessage? message, KmsErrorBody? error = null) => new()
    {
        UserUri = User,
        KmsUri = Kms,
        Time = Now,
        KmsId = "KMSProvider12345",
        ClientReqUrl = Url,
        Message = message,
        Error = error,
    };

    public static byte[] Write(KmsResponse response, AnnexDOptions? options = null)
    {
        ArrayBufferWriter<byte> document = new();
        response.WriteTo(document, options);
        return document.WrittenSpan.ToArray();
    }

    public static string WriteText(KmsResponse response, AnnexDOptions? options = null) => Encoding.UTF8.GetString(Write(response, options));

    public static byte[] Octets(string document) => Encoding.UTF8.GetBytes(document);
}
