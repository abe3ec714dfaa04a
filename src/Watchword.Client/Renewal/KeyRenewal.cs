namespace Watchword.Client;

/// <summary>
/// Renews the key sets of a profile before their key period ends, and looks after the KMS certificate and the certificates of
/// partner
/// domains (TS 33.180 5.3.3). Each identity's next key set is fetched at a moment of its own: within the pick-up hint of the KMS,
/// or
/// drawn within the opening window. A refusal is not asked again, and a KMS that is busy or failed is left alone for a time that
/// grows.
/// The steps are those of docs/flows/key-renewal.md.
/// </summary>
/// <remarks>
/// Plans are in the store, so that a restart neither forgets nor repeats. Everything goes by the wall clock: after sleep, or when
/// the
/// clock was set, the next look at it decides anew. Other calls may use the store at the same time.
/// </remarks>
/// <param name="client">The KM client of the profile.</param>
/// <param name="time">The clock.</param>
/// <param name="options">How; <see cref="KeyRenewalOptions.Default"/> if null.</param>
/// <param name="log">Is told every event at once; null for nobody.</param>
public sealed class KeyRenewal(KmClient client, TimeProvider time, KeyRenewalOptions? options = null, IProgress<KeyRenewalEvent>? log = null)
{
    private readonly KeyRenewalOptions _options = options ?? KeyRenewalOptions.Default;

    /// <summary>Renews until it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">Always, in the end.</exception>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>: without a plan on disk nothing is
    /// asked for.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            KeyRenewalPass pass = await RunOnceAsync(cancellationToken);
            await WaitUntilAsync(pass.NextAt, time, _options.MaxSleep, cancellationToken);
        }
    }

    /// <summary>Does what is due now and says when something is due again.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>.</exception>
    public Task<KeyRenewalPass> RunOnceAsync(CancellationToken cancellationToken = default) =>
        new RenewalPass(client, time, _options, log).RunAsync(cancellationToken);

    /// <summary>
    /// Waits for a time of the wall clock, looking at it at least every <paramref name="maxSleep"/>: a sleep of the machine does
    /// not delay
    /// the wait beyond that. Returns early if the clock was set back.
    /// </summary>
    public static async Task WaitUntilAsync(DateTimeOffset at, TimeProvider time, TimeSpan maxSleep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset last = time.GetUtcNow();
        for (DateTimeOffset now = last; now < at && now >= last; now = time.GetUtcNow())
        {
            last = now;
            TimeSpan left = at - now;
            await Task.Delay(left < maxSleep ? left : maxSleep, time, cancellationToken);
        }
    }
}
