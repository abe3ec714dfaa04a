using System.Net;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>A KM client that was enrolled with a transport key file: signs, verifies, unwraps, and takes new keys.</summary>
internal sealed class ProtectedClient : IDisposable
{
    private readonly KmsHost _host;
    private readonly string _baseUrl;
    private readonly List<(TransportKey TransportKey, IntegrityKey IntegrityKey)> _pairs = [];

    public ProtectedClient(KmsHost host, TransportKeyFile file)
    {
        _host = host;
        _baseUrl = file.KmsAddress.TrimEnd('/');
        UserUri = file.UserUri;
        ClientId = file.ClientId;
        _pairs.Add((
            TransportKey.Import(file.TransportKey.Id, Octets(file.TransportKey)),
            IntegrityKey.Import(file.IntegrityKey.Id, Octets(file.IntegrityKey))));
    }

    public string UserUri { get; }

    public string ClientId { get; }

    /// <summary>All pairs that it ever took, the newest last.</summary>
    public IReadOnlyList<(TransportKey TransportKey, IntegrityKey IntegrityKey)> Pairs => _pairs;

    /// <summary>Every answer that arrived, as it was on the wire.</summary>
    public List<byte[]> Received { get; } = [];

    public static byte[] Octets(SecurityExtensionKey key)
    {
        byte[] octets = new byte[SecurityExtensionKey.SizeInBytes];
        key.Export(octets);
        return octets;
    }

    /// <summary>A request signed with a pair; the newest if none is named.</summary>
    public byte[] Sign(
        string path, int? pair = null, DateTimeOffset? time = null, string? clientId = null, string? url = null,
        string? transportKeyId = null, SecurityExtensionKey? key = null, string? kmsUri = null, string? userUri = null,
        IReadOnlyList<KmsRedirectResponse>? redirectResponses = null)
    {
        (TransportKey transportKey, IntegrityKey integrityKey) = _pairs[pair ?? _pairs.Count - 1];
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = userUri ?? UserUri,
            KmsUri = kmsUri ?? KmsHost.KmsUri,
            Time = time ?? _host.Time.GetUtcNow(),
            ClientId = clientId ?? ClientId,
            ClientReqUrl = url ?? _baseUrl + path,
            TransportKeyId = transportKeyId ?? transportKey.Id,
            RedirectResponses = redirectResponses ?? [],
        }.WriteSignedTo(body, key ?? integrityKey);
        return body.ToArray();
    }

    /// <summary>Asks and reads the answer like a client that has nothing but its keys to trust.</summary>
    /// <param name="path">What to ask for.</param>
    /// <param name="pair">The pair to ask with; null for the newest.</param>
    /// <param name="isLost">True if the answer does not arrive.</param>
    /// <param name="token">The access token.</param>
    /// <param name="client">Where to; null for the host.</param>
    /// <param name="redirectResponses">What is uploaded.</param>
    public async Task<KmsResponse?> AskAsync(
        string path, int? pair = null, bool isLost = false, string? token = null, HttpClient? client = null,
        IReadOnlyList<KmsRedirectResponse>? redirectResponses = null)
    {
        // No two requests are the same octets: their times differ.
        _host.Time.Advance(TimeSpan.FromMilliseconds(7));
        using Answer answer = await KmsHost.SendAsync(
            client ?? _host.Client, path, token ?? _host.Token(), Sign(path, pair, redirectResponses: redirectResponses));
        answer.Status.ShouldBe(HttpStatusCode.OK, System.Text.Encoding.UTF8.GetString(answer.Body));
        if (isLost)
        {
            return null;
        }

        Received.Add(answer.Body);
        KmsResponse response = Verify(answer, pair);
        Take(response, pair);
        return response;
    }

    /// <summary>Verifies an answer with the integrity key of a pair.</summary>
    public KmsResponse Verify(Answer answer, int? pair = null)
    {
        SignedKmsResponse signed = SignedKmsResponse.Parse(answer.Body);
        (TransportKey transportKey, IntegrityKey integrityKey) = _pairs[pair ?? _pairs.Count - 1];
        signed.TryVerify(integrityKey, out KmsResponse? response, out SignatureFault fault).ShouldBeTrue(fault.ToString());
        response!.SignatureId.ShouldBe(integrityKey.Id);
        response.TransportKeyId.ShouldBe(transportKey.Id);
        return response;
    }

    /// <summary>The keys of an answer, of which none may be plain.</summary>
    public IReadOnlyList<KmsKeySet> Unwrap(KmsResponse response, int? pair = null) =>
    [
        .. ((KmsKeyProv)response.Message!).KeySets.Select(keySet =>
        {
            keySet.HasEncryptedKeys.ShouldBeTrue();
            keySet.TryUnwrap(_pairs[pair ?? _pairs.Count - 1].TransportKey, out KmsKeySet? plain, out KeyUnwrapFault fault)
                .ShouldBeTrue(fault.ToString());
            return plain!;
        }),
    ];

    /// <summary>Ids of the new keys in an answer.</summary>
    public static string?[] NewKeyIds(KmsResponse response) => response.Message switch
    {
        KmsInit init => [.. init.NewTransportKeys.Concat(init.NewIntegrityKeys).Select(key => key.CarriedKeyName)],
        KmsKeyProv keyProv => [.. keyProv.NewTransportKeys.Concat(keyProv.NewIntegrityKeys).Select(key => key.CarriedKeyName)],
        _ => [],
    };

    public void Dispose() => _pairs.ForEach(pair =>
    {
        pair.TransportKey.Dispose();
        pair.IntegrityKey.Dispose();
    });

    private void Take(KmsResponse response, int? pair)
    {
        (IReadOnlyList<WrappedKey> transportKeys, IReadOnlyList<WrappedKey> integrityKeys) = response.Message switch
        {
            KmsInit init => (init.NewTransportKeys, init.NewIntegrityKeys),
            KmsKeyProv keyProv => (keyProv.NewTransportKeys, keyProv.NewIntegrityKeys),
            _ => ([], []),
        };
        if (transportKeys.Count == 0)
        {
            return;
        }

        TransportKey held = _pairs[pair ?? _pairs.Count - 1].TransportKey;
        transportKeys.Single().TryUnwrapTransportKey(held, out TransportKey? transportKey, out _).ShouldBeTrue();
        integrityKeys.Single().TryUnwrapIntegrityKey(held, out IntegrityKey? integrityKey, out _).ShouldBeTrue();
        if (_pairs.Any(known => known.TransportKey.Id == transportKey!.Id))
        {
            transportKey!.Dispose();
            integrityKey!.Dispose();
        }
        else
        {
            _pairs.Add((transportKey!, integrityKey!));
        }
    }
}
