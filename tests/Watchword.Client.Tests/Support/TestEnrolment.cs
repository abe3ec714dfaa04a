using Watchword.KeyManagement;

namespace Watchword.Client.Tests.Support;

/// <summary>The KMS's side of the transport keys of one client: it verifies, refuses replays, wraps, signs, and rotates.</summary>
public sealed class TestEnrolment : IDisposable
{
    public const string ClientId = "handset-7";

    private readonly HashSet<string> _seen = [];
    private int _serial = 12;

    public TestEnrolment(bool withIntegrityKey = true)
    {
        TransportKey = TransportKey.Generate(Id("tk"));
        IntegrityKey = withIntegrityKey ? IntegrityKey.Generate(Id("ink")) : null;
    }

    public TransportKey TransportKey { get; private set; }

    public IntegrityKey? IntegrityKey { get; private set; }

    public TransportKey? PendingTransportKey { get; private set; }

    public IntegrityKey? PendingIntegrityKey { get; private set; }

    public KeyWrapProfile Profile { get; set; }

    public bool WrapsKeys { get; set; } = true;

    public bool SignsAnswers { get; set; } = true;

    /// <summary>Signs answers instead of the key of the client.</summary>
    public SecurityExtensionKey? OtherSigner { get; set; }

    /// <summary>Wraps new keys instead of the key that the client declared.</summary>
    public TransportKey? OtherWrapper { get; set; }

    /// <summary>How many requests were taken under the pair that is valid now.</summary>
    public int Uses { get; private set; }

    public List<KmsRequest> Verified { get; } = [];

    /// <summary>The key that the last request declared, which its answer is wrapped for.</summary>
    public TransportKey Wrapping { get => field ?? TransportKey; private set; }

    public SecurityExtensionKey Signing => OtherSigner ?? (IntegrityKey is not null ? IntegrityKey : TransportKey);

    public void Rotate(bool transportKey = true, bool integrityKey = true)
    {
        _serial++;
        PendingTransportKey = transportKey ? TransportKey.Generate(Id("tk")) : null;
        PendingIntegrityKey = integrityKey ? IntegrityKey.Generate(Id("ink")) : null;
    }

    /// <summary>As after a restore from a copy that is older than the rotation.</summary>
    public void ForgetRotation() => (PendingTransportKey, PendingIntegrityKey) = (null, null);

    /// <summary>The number of the error that a request is refused with; null if it is taken.</summary>
    public int? Refuse(byte[] body, Uri url, DateTimeOffset now)
    {
        if (!SignedKmsRequest.TryParse(body, null, out SignedKmsRequest? signed))
        {
            return 40323;
        }

        bool isPending = IsPending(signed.SignatureKeyName);
        SecurityExtensionKey? key = new SecurityExtensionKey?[] { PendingIntegrityKey, PendingTransportKey, IntegrityKey, TransportKey }
            .FirstOrDefault(k => k?.Id == signed.SignatureKeyName);
        if (key is null || !signed.TryVerify(key, out KmsRequest? request, out _) || request.ClientId != ClientId)
        {
            return 40320;
        }

        TransportKey? declared = new[] { PendingTransportKey, TransportKey }.FirstOrDefault(k => k?.Id == request.TransportKeyId);
        if (declared is null || request.ClientReqUrl != url.AbsoluteUri || (request.Time - now).Duration() > TimeSpan.FromSeconds(30))
        {
            return 40321;
        }

        if (!_seen.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body))))
        {
            return 40322;
        }

        if (isPending || IsPending(declared.Id))
        {
            TransportKey = PendingTransportKey ?? TransportKey;
            IntegrityKey = PendingIntegrityKey ?? IntegrityKey;
            ForgetRotation();
            Uses = 0;
        }

        Uses++;
        Wrapping = declared;
        Verified.Add(request);
        return null;
    }

    public IReadOnlyList<WrappedKey> NewTransportKeys() =>
        PendingTransportKey is null ? [] : [WrappedKey.Wrap(PendingTransportKey, OtherWrapper ?? Wrapping, Profile)];

    public IReadOnlyList<WrappedKey> NewIntegrityKeys() =>
        PendingIntegrityKey is null ? [] : [WrappedKey.Wrap(PendingIntegrityKey, OtherWrapper ?? Wrapping, Profile)];

    public void Dispose()
    {
        TransportKey.Dispose();
        IntegrityKey?.Dispose();
        PendingTransportKey?.Dispose();
        PendingIntegrityKey?.Dispose();
    }

    private bool IsPending(string id) => id == PendingIntegrityKey?.Id || id == PendingTransportKey?.Id;

    private string Id(string kind) => $"{kind}.{_serial}.dispatcher@lab.example";
}
