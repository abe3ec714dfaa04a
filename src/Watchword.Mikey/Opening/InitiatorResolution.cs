namespace Watchword.Mikey;

/// <summary>A caller's answer to who an initiator is.</summary>
public sealed class InitiatorResolution
{
    private InitiatorResolution(InitiatorStatus status, IReadOnlyList<InitiatorKey> candidates)
    {
        Status = status;
        Candidates = candidates;
    }

    /// <summary>No certificate of that KMS is known.</summary>
    public static InitiatorResolution DomainUnknown { get; } = new(InitiatorStatus.DomainUnknown, []);

    /// <summary>The KMS certificate is not valid at T.</summary>
    public static InitiatorResolution DomainNotValid { get; } = new(InitiatorStatus.DomainNotValid, []);

    /// <summary>The KMS certificate is revoked.</summary>
    public static InitiatorResolution DomainRevoked { get; } = new(InitiatorStatus.DomainRevoked, []);

    /// <summary>The initiator may not hand out this key.</summary>
    public static InitiatorResolution NotAllowed { get; } = new(InitiatorStatus.NotAllowed, []);

    /// <summary>The status.</summary>
    public InitiatorStatus Status { get; }

    /// <summary>The keys to try.</summary>
    public IReadOnlyList<InitiatorKey> Candidates { get; }

    /// <summary>
    /// The initiator is known. The first candidate is that of the key period that holds T. Near the boundary of a period the
    /// neighbour may follow, because a peer may have taken its clock instead of T; so may other generations of the domain's keys.
    /// </summary>
    /// <param name="candidates">In the order in which they are tried; each costs a verification.</param>
    public static InitiatorResolution Of(params IReadOnlyList<InitiatorKey> candidates) => new(InitiatorStatus.Known, candidates);
}
