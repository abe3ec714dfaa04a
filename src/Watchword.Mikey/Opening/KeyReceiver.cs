namespace Watchword.Mikey;

/// <summary>
/// The receiving side: its identity, its rules, and where its keys come from. MIKEY knows no certificate and no key period: the
/// resolvers do, and they are asked with what the message claims.
/// </summary>
public sealed class KeyReceiver
{
    private readonly IReadOnlyList<KeyDistribution> _expects = [];

    /// <summary>
    /// The receiver's URI, compared with IDRr octet by octet. Under <see cref="OpensOwnMessages"/> it is compared with IDRi.
    /// </summary>
    public required string Uri { get; init; }

    /// <summary>
    /// What is expected here, so that a key of one purpose never passes for another (TS 33.180 5.2.2). A receiver is a client or
    /// a server: of each purpose there is one.
    /// </summary>
    /// <exception cref="ArgumentException">Two of one purpose.</exception>
    public required IReadOnlyList<KeyDistribution> Expects
    {
        get => _expects;
        init => _expects = value.DistinctBy(d => d.Purpose).Count() == value.Count
            ? value
            : throw new ArgumentException("Of each purpose one distribution is expected.", nameof(Expects));
    }

    /// <summary>
    /// Whether the security domains of IDRkmsi and IDRkmsr are allowed (TS 33.180 5.2.7). Where they are not, a KMS redirect
    /// response may be sent (5.2.8).
    /// </summary>
    public required Func<KeyClaims, bool> IsDomainAllowed { get; init; }

    /// <summary>Says what is known of the initiator and his domain, and what verifies his signature.</summary>
    public required Func<KeyClaims, InitiatorResolution> ResolveInitiator { get; init; }

    /// <summary>
    /// Finds the receiver's own keys: first that of the key period that holds T, then, near a boundary, the neighbour's, and
    /// those of other generations. Where the message names a UID, only keys of that UID are used. Under <see
    /// cref="OpensOwnMessages"/> the initiator's. Each costs a decapsulation.
    /// </summary>
    public required Func<KeyClaims, IReadOnlyList<ReceiverKey>> FindReceiverKeys { get; init; }

    /// <summary>
    /// The messages opened before, together with the clock and the freshness window; one for all receivers of a process.
    /// </summary>
    public required MikeyReplayCache ReplayCache { get; init; }

    /// <summary>Departures of peers to accept; none by default.</summary>
    public MikeyTolerances Tolerances { get; init; }

    /// <summary>
    /// Whether messages are taken whose identities are hidden behind UIDs (TS 33.180 5.2.6). The caller then learns the
    /// initiator's URI by other means and confirms it with <see cref="KeyOpening.ConfirmInitiator"/>.
    /// </summary>
    public bool AcceptsHiddenIdentities { get; init; }

    /// <summary>
    /// Whether this is another device or replica of the initiator, which takes the key from SAKKE-to-self (TS 33.180 5.2.5).
    /// </summary>
    public bool OpensOwnMessages { get; init; }
}
