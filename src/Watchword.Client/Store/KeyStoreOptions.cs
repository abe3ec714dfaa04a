namespace Watchword.Client;

/// <summary>How a key store behaves.</summary>
public sealed record KeyStoreOptions
{
    /// <summary>The defaults.</summary>
    public static KeyStoreOptions Default { get; } = new();

    /// <summary>How many past key periods are kept beside the current one, for messages that come late; 2 unless set.</summary>
    public int HistoryPeriods { get; init; } = 2;

    /// <summary>How long to wait for another process to let go of the store; 5 seconds unless set.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>PBKDF2 iterations of a new store with a passphrase; never less than 600,000.</summary>
    public int PassphraseIterations { get; init; } = StoreContainer.MinIterations;

    /// <summary>How many service keys that can be used are held, and how many revoked or ended ones are remembered; 1000 unless set.</summary>
    public int MaxServiceKeys { get; init; } = 1000;

    /// <summary>
    /// How long before its activation and after its expiry a service key still receives, for clocks that differ and for what is
    /// on its way; 30 seconds unless set.
    /// </summary>
    public TimeSpan ServiceKeyTolerance { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The last <see cref="KeyStore.Generation"/> that the caller noted somewhere else; an older store is refused. 0 to take any.
    /// </summary>
    public long MinimumGeneration { get; init; }
}
