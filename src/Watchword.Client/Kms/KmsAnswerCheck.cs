using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>
/// What an answer must hold before anything of it is used (TS 33.180 D.3.1, D.3.3): it is from the right KMS, to this user, for
/// this
/// request, and every key set in it proves itself.
/// </summary>
/// <param name="answer">The answer.</param>
/// <param name="identity">The identity of the ID token.</param>
/// <param name="kmsUri">The KMS expected; null before the first initialisation.</param>
/// <param name="requestUrl">The URL posted to, to be echoed; null if there was no body to echo it from, or peers are borne
/// with.</param>
/// <param name="ring">The client's transport keys; null if it has none.</param>
internal sealed class KmsAnswerCheck(KmsAnswer answer, ClientIdentity identity, string? kmsUri, string? requestUrl, TransportKeyRing? ring)
{
    public KmsResponse Response => answer.Response;

    /// <summary>KMS, user and echoed URL.</summary>
    public void Envelope()
    {
        if (kmsUri is not null && !Same(Response.KmsUri, kmsUri))
        {
            throw Fault(ClientFault.KmsUriMismatch, $"expected {kmsUri}");
        }

        if (!identity.Owns(Response.UserUri))
        {
            throw Fault(ClientFault.IdentityMismatch, "UserUri of the answer");
        }

        if (requestUrl is not null && !Same(Response.ClientReqUrl, requestUrl))
        {
            throw Fault(ClientFault.KmsAnswerUnexpected, "ClientReqUrl is not the URL asked");
        }
    }

    /// <summary>The time of a signed answer: an old answer to the same URL is no answer to this request.</summary>
    public void Freshness(TimeSpan skew, DateTimeOffset now)
    {
        if (Response.Time < answer.SentAt - skew || Response.Time > now + skew)
        {
            throw Fault(ClientFault.AnswerNotFresh, null);
        }
    }

    /// <summary>The message of the kind that was asked for.</summary>
    public T Message<T>()
        where T : KmsMessage => Response.Message as T ?? throw Fault(ClientFault.KmsAnswerUnexpected, $"no {typeof(T).Name}");

    /// <summary>The new transport key in the answer, which the caller disposes; null if there is none.</summary>
    public TransportKey? NewTransportKey()
    {
        TransportKey? last = null;
        foreach (WrappedKey wrapped in NewKeys(i => i.NewTransportKeys, p => p.NewTransportKeys))
        {
            last?.Dispose();
            last = wrapped.TryUnwrapTransportKey(Wrapping(wrapped), out TransportKey? key, out KeyUnwrapFault fault) ? key : throw Refused(fault);
        }

        return last;
    }

    /// <summary>The new integrity key in the answer, which the caller disposes; null if there is none.</summary>
    public IntegrityKey? NewIntegrityKey()
    {
        IntegrityKey? last = null;
        foreach (WrappedKey wrapped in NewKeys(i => i.NewIntegrityKeys, p => p.NewIntegrityKeys))
        {
            last?.Dispose();
            last = wrapped.TryUnwrapIntegrityKey(Wrapping(wrapped), out IntegrityKey? key, out KeyUnwrapFault fault) ? key : throw Refused(fault);
        }

        return last;
    }

    /// <summary>The certificate of a KmsInit.</summary>
    public KmsCertificate Initialization(DateTimeOffset now)
    {
        KmsCertificate certificate = Message<KmsInit>().Certificate;
        if (!Same(certificate.KmsUri, kmsUri ?? Response.KmsUri))
        {
            throw Fault(ClientFault.KmsUriMismatch, "in the KMS certificate");
        }

        return certificate switch
        {
            { Role: not KmsCertificateRole.Root } => throw Fault(ClientFault.KmsCertificateUnusable, "not a Root certificate"),
            { Revoked: true } => throw Fault(ClientFault.KmsCertificateUnusable, "revoked"),
            _ when !certificate.IsUsableAt(now) => throw Fault(ClientFault.KmsCertificateUnusable, "not valid now"),
            _ => certificate,
        };
    }

    /// <summary>The key sets of a KmsKeyProv, each validated; all or none. The caller disposes them.</summary>
    /// <param name="userUri">The identity asked for; null for all.</param>
    /// <param name="time">The time asked for; null for now.</param>
    /// <param name="generations">The generations of the home domain, the likeliest first.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<StoredKeySet> KeySets(
        string? userUri, DateTimeOffset? time, IReadOnlyList<StoredCertificate> generations, DateTimeOffset now)
    {
        IReadOnlyList<KmsKeySet> received = Message<KmsKeyProv>().KeySets;
        if (received.Count == 0)
        {
            throw Fault(ClientFault.NoKeySetReceived, null);
        }

        List<KmsKeySet> unwrapped = [];
        try
        {
            return KeySets(userUri, time, generations, now, [.. received.Select(k => Open(k, unwrapped))]);
        }
        finally
        {
            unwrapped.ForEach(k => k.Dispose());
        }
    }

    private List<StoredKeySet> KeySets(
        string? userUri, DateTimeOffset? time, IReadOnlyList<StoredCertificate> generations, DateTimeOffset now, IReadOnlyList<KmsKeySet> keySets)
    {

        // First what costs nothing, for all of them; then the pairings.
        List<(KmsKeySet KeySet, IReadOnlyList<StoredCertificate> Candidates)> stated =
            [.. keySets.Select(k => (k, CheckStatements(k, userUri, time, generations, now)))];
        List<StoredKeySet> validated = [];
        try
        {
            validated.AddRange(stated.Select(k => Validate(k.KeySet, k.Candidates, now)));
            return validated;
        }
        catch
        {
            validated.ForEach(k => k.Dispose());
            throw;
        }
    }

    /// <summary>
    /// The period that was asked for; without one the current, or a neighbour where the clocks differ at a boundary.
    /// </summary>
    private static bool IsExpected(KmsKeySet keySet, DateTimeOffset? time, KmsCertificate certificate, DateTimeOffset now)
    {
        long distance = keySet.KeyPeriodNumber - certificate.PeriodAt(time ?? now).Number;
        return time is null ? distance is >= -1 and <= 1 : distance == 0;
    }

    /// <summary>The generations that the key set can belong to by what it says of itself; at least one.</summary>
    private List<StoredCertificate> CheckStatements(
        KmsKeySet keySet, string? userUri, DateTimeOffset? time, IReadOnlyList<StoredCertificate> generations, DateTimeOffset now)
    {
        if (!Same(keySet.KmsUri, generations[0].Certificate.KmsUri))
        {
            throw Fault(ClientFault.KmsUriMismatch, "in a key set");
        }

        if (userUri is null ? !identity.Owns(keySet.UserUri) : !Same(keySet.UserUri, userUri))
        {
            throw Fault(ClientFault.IdentityMismatch, "UserUri of a key set");
        }

        List<StoredCertificate> inPeriod = [.. generations.Where(g => IsExpected(keySet, time, g.Certificate, now))];
        if (inPeriod.Count == 0)
        {
            throw Fault(ClientFault.KmsAnswerUnexpected, $"a key set of period {keySet.KeyPeriodNumber}");
        }

        List<StoredCertificate> candidates =
            [.. inPeriod.Where(g => g.Certificate.UserIdFor(keySet.UserUri, keySet.KeyPeriodNumber).Equals(keySet.UserId))];
        return candidates.Count > 0
            ? candidates
            : throw Fault(ClientFault.UserIdMismatch, nameof(KeySetFault.UserIdMismatch));
    }

    // Generations with the same key periods give the same UIDs: which one issued the keys shows when they are imported.
    private StoredKeySet Validate(KmsKeySet keySet, IReadOnlyList<StoredCertificate> candidates, DateTimeOffset now)
    {
        KeySetFault first = KeySetFault.None;
        foreach (StoredCertificate certificate in candidates)
        {
            if (keySet.TryValidate(certificate.Certificate, out ValidatedKeySet? validated, out KeySetFault fault))
            {
                using (validated)
                {
                    return StoredKeySet.From(keySet, validated.KeyPeriod, certificate, now);
                }
            }

            first = first == KeySetFault.None ? fault : first;
        }

        throw Fault(first == KeySetFault.UserIdMismatch ? ClientFault.UserIdMismatch : ClientFault.KeySetInvalid, first.ToString());
    }

    /// <summary>A key set with its keys: who holds a transport key takes no others than wrapped ones.</summary>
    private KmsKeySet Open(KmsKeySet keySet, List<KmsKeySet> unwrapped)
    {
        if (ring is null || !keySet.HasEncryptedKeys)
        {
            return (ring, keySet.HasEncryptedKeys) switch
            {
                (null, false) => keySet,
                (null, true) => throw Fault(ClientFault.TransportKeyMissing, null),
                _ => throw Fault(ClientFault.PlainKeyMaterial, null),
            };
        }

        TransportKey key = ring.FindTransportKey(keySet.TransportKeyId) ?? throw Fault(ClientFault.TransportKeyMissing, null);
        if (!keySet.TryUnwrap(key, out KmsKeySet? plain, out KeyUnwrapFault fault))
        {
            throw Fault(ClientFault.KeyMaterialNotUnwrapped, fault.ToString());
        }

        unwrapped.Add(plain);
        return plain;
    }

    private IReadOnlyList<WrappedKey> NewKeys(
        Func<KmsInit, IReadOnlyList<WrappedKey>> ofInit, Func<KmsKeyProv, IReadOnlyList<WrappedKey>> ofKeyProv) => Response.Message switch
    {
        KmsInit init => ofInit(init),
        KmsKeyProv keyProv => ofKeyProv(keyProv),
        _ => [],
    };

    private TransportKey Wrapping(WrappedKey wrapped) =>
        ring?.FindTransportKey(wrapped.TransportKeyId) ?? throw Refused(KeyUnwrapFault.OtherTransportKey);

    private WatchwordClientException Refused(KeyUnwrapFault fault) => Fault(ClientFault.NewTransportKeyRefused, fault.ToString());

    public WatchwordClientException Fault(ClientFault fault, string? detail) => new(fault, detail, answer.CorrelationId);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);
}
