namespace Watchword.KeyManagement.Audit;

/// <summary>
/// The content of an audit record, without its place in the chain. Holds no key and no token: of a key set only the UID and a
/// hash of its public validation token (PVT).
/// </summary>
public sealed class AuditEntry
{
    /// <summary>Most key sets of one intent or outcome.</summary>
    public const int MaxKeySets = 256;

    /// <summary>Longest <see cref="Detail"/>, in UTF-16 units.</summary>
    public const int MaxDetailLength = 2048;

    /// <summary>Longest text of any other field, in UTF-16 units.</summary>
    public const int MaxTextLength = 8192;

    /// <summary>What is reported.</summary>
    public required AuditKind Kind { get; init; }

    /// <summary>The security domain, by its KMS URI; empty for what concerns the whole installation.</summary>
    public required string KmsUri { get; init; }

    /// <summary>Generation of the domain, 1 for the first; 0 for what concerns none.</summary>
    public required int Generation { get; init; }

    /// <summary>Ties the record to the request, its log lines and the answer that the requester saw.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Who vouched for whoever acted, requester or officer; null where nobody did.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whoever acted, as the issuer names him.</summary>
    public string? Subject { get; init; }

    /// <summary>The role in which he acted, for example <c>crypto officer</c>; null for a requester of keys.</summary>
    public string? Role { get; init; }

    /// <summary>The identity concerned, if it is one.</summary>
    public string? UserUri { get; init; }

    /// <summary>The services or the role under which the identity was asserted. In records of format 1 only.</summary>
    public string? Service { get; init; }

    /// <summary>Number of the key period.</summary>
    public long? KeyPeriodNumber { get; init; }

    /// <summary>The UID, 32 octets, or empty. In records of format 1, and where one identity is concerned.</summary>
    public ReadOnlyMemory<byte> UserId { get; init; }

    /// <summary>SHA-256 over the 65 octets of the PVT, or empty. In records of format 1 only.</summary>
    public ReadOnlyMemory<byte> PublicTokenHash { get; init; }

    /// <summary>For an outcome: the sequence number of its intent.</summary>
    public long? IntentSequence { get; init; }

    /// <summary>0 for success (and for an intent); otherwise the stable number of the error.</summary>
    public int Result { get; init; }

    /// <summary>What else is to be known, in words or in a form that the kind defines. Never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>Of an intent or an outcome: every key set of the answer, in its order.</summary>
    public IReadOnlyList<AuditKeySet> KeySets { get; init; } = [];

    /// <summary>Sees that every store and every export can hold this exactly.</summary>
    /// <exception cref="ArgumentException">A text is too long, holds a NUL or is not well-formed UTF-16; there are too many key
    /// sets, or one has octets of another length.</exception>
    public void Validate()
    {
        CheckText(KmsUri, MaxTextLength);
        CheckText(CorrelationId, MaxTextLength);
        CheckText(Issuer, MaxTextLength);
        CheckText(Subject, MaxTextLength);
        CheckText(Role, MaxTextLength);
        CheckText(UserUri, MaxTextLength);
        CheckText(Service, MaxTextLength);
        CheckText(Detail, MaxDetailLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KeySets.Count, MaxKeySets);
        CheckHash(UserId);
        CheckHash(PublicTokenHash);
        foreach (AuditKeySet keySet in KeySets)
        {
            CheckText(keySet.UserUri, MaxTextLength);
            CheckText(keySet.Service, MaxTextLength);
            CheckHash(keySet.UserId);
            CheckHash(keySet.PublicTokenHash);
        }
    }

    private static void CheckHash(ReadOnlyMemory<byte> octets)
    {
        if (octets.Length is not (0 or AuditRecord.HashSizeInBytes))
        {
            throw new ArgumentException("A UID or a hash has 32 octets.");
        }
    }

    private static void CheckText(string? text, int longest)
    {
        if (text is null)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, longest);
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
            {
                throw new ArgumentException("A text of the audit log has no NUL and is well-formed.");
            }
        }
    }
}
