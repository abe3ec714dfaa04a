namespace Watchword.Kms;

/// <summary>How far an unseal is.</summary>
/// <param name="IsUnsealed">True once the secret is there.</param>
/// <param name="SetId">The set of the shares given; null before the first.</param>
/// <param name="Given">How many shares are held.</param>
/// <param name="Threshold">How many are needed; null before the first.</param>
public sealed record UnsealStatus(bool IsUnsealed, string? SetId, int Given, int? Threshold)
{
    /// <summary>How many are missing; null before the first.</summary>
    public int? Missing => IsUnsealed ? 0 : Threshold - Given;
}

/// <summary>Something that happened in an unseal, for the audit log. Holds nothing of a share.</summary>
/// <param name="Error"><see cref="KmsError.None"/> if the share was taken.</param>
/// <param name="Status">Where the unseal stands after it.</param>
/// <param name="By">Who gave the share, as the caller says.</param>
public sealed record UnsealEvent(KmsError Error, UnsealStatus Status, string By);

/// <summary>
/// Collects shares until they give the secret. Says how many are missing, and of a share only what its own check symbols and its
/// set say: which of several was altered, nobody learns. Thread-safe.
/// </summary>
/// <remarks>At most one share in <see cref="Spacing"/> on average, <see cref="Burst"/> at once; after shares that did not
/// combine, nothing for <see cref="PauseAfterFailure"/>, doubled with each failure in turn. Shares are forgotten when they do not
/// combine, and an hour after the first if more are still missing.</remarks>
public sealed class UnsealSession : IUnlockSource, IDisposable
{
    /// <summary>Shares that may be given at once.</summary>
    public const int Burst = KeyShare.MaxShares;

    private const int MaxDoublings = 7;

    private readonly Lock _gate = new();
    private readonly List<KeyShare> _shares = [];
    private readonly ShareKind _kind;
    private readonly TimeProvider _time;
    private readonly Action<UnsealEvent>? _audit;
    private readonly TaskCompletionSource _unsealed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CustodySecret? _secret;
    private DateTimeOffset _firstGiven;
    private DateTimeOffset _nextAllowed = DateTimeOffset.MinValue;
    private double _allowance = Burst;
    private DateTimeOffset _allowanceAt;
    private int _failures;

    /// <summary>A sealed session.</summary>
    /// <param name="kind">What the shares must be of.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Is told of every share that is given, under the lock of the session; what it throws refuses the
    /// share.</param>
    public UnsealSession(ShareKind kind, TimeProvider time, Action<UnsealEvent>? audit = null)
    {
        _kind = kind;
        _time = time;
        _audit = audit;
        _allowanceAt = time.GetUtcNow();
    }

    /// <summary>Time in which the right to give one more share comes back.</summary>
    public static TimeSpan Spacing { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after the first set that did not combine.</summary>
    public static TimeSpan PauseAfterFailure { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an incomplete set is kept.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromHours(1);

    /// <summary>How far it is.</summary>
    public UnsealStatus Status
    {
        get
        {
            lock (_gate)
            {
                return CurrentStatus();
            }
        }
    }

    /// <summary>Adds a share, of which this takes ownership, whatever comes of it.</summary>
    /// <param name="share">The share.</param>
    /// <param name="by">Who gives it, for the audit log.</param>
    /// <exception cref="KmsException"><see cref="KmsError.UnsealTooOften"/>, <see cref="KmsError.ShareOfAnotherSet"/>, or
    /// <see cref="KmsError.SharesDoNotCombine"/>, after which all shares have to be given again.</exception>
    public UnsealStatus Add(KeyShare share, string by)
    {
        lock (_gate)
        {
            KmsError error = Judge(share);
            bool kept = error == KmsError.None && _secret is null;
            if (kept)
            {
                _firstGiven = _shares.Count == 0 ? _time.GetUtcNow() : _firstGiven;
                _shares.Add(share);
                error = TryCombine();
            }
            else
            {
                share.Dispose();
            }

            UnsealStatus status = CurrentStatus();
            Audit(new UnsealEvent(error, status, by), kept);
            if (_secret is not null)
            {
                _unsealed.TrySetResult();
            }

            return error == KmsError.None ? status : throw new KmsException(error);
        }
    }

    /// <summary>Forgets the shares given so far, so that another set can be given.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Forget();
        }
    }

    /// <summary>Completes when enough shares have been given.</summary>
    public async Task<CustodySecret> OpenAsync(CancellationToken cancellationToken = default)
    {
        await _unsealed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_secret is null, this);
            return new CustodySecret(_secret.Span);
        }
    }

    /// <summary>Zeroes shares and secret.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Forget();
            _secret?.Dispose();
            _secret = null;
            _unsealed.TrySetCanceled();
        }
    }

    // What cannot be audited has not happened: the shares have to be given again.
    private void Audit(UnsealEvent what, bool kept)
    {
        try
        {
            _audit?.Invoke(what);
        }
        catch when (kept)
        {
            Forget();
            _secret?.Dispose();
            _secret = null;
            throw;
        }
    }

    private KmsError Judge(KeyShare share)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _allowance = Math.Min(Burst, _allowance + ((now - _allowanceAt) / Spacing));
        _allowanceAt = now;
        if (now < _nextAllowed || _allowance < 1)
        {
            return KmsError.UnsealTooOften;
        }

        _allowance--;
        if (_shares.Count > 0 && now - _firstGiven > Patience)
        {
            Forget();
        }

        return share.Kind != _kind
            || (_shares.Count > 0 && (!share.BelongsWith(_shares[0]) || _shares.Exists(held => held.Index == share.Index)))
                ? KmsError.ShareOfAnotherSet
                : KmsError.None;
    }

    private KmsError TryCombine()
    {
        if (_shares.Count < _shares[0].Threshold)
        {
            return KmsError.None;
        }

        try
        {
            _secret = KeyShare.Combine(_shares);
            _failures = 0;
            return KmsError.None;
        }
        catch (KmsException fault)
        {
            _nextAllowed = _time.GetUtcNow() + (PauseAfterFailure * (1 << Math.Min(_failures, MaxDoublings)));
            _failures++;
            return fault.Error;
        }
        finally
        {
            Forget();
        }
    }

    private UnsealStatus CurrentStatus() => new(
        _secret is not null,
        _shares.Count > 0 ? _shares[0].SetId : null,
        _shares.Count,
        _shares.Count > 0 ? _shares[0].Threshold : null);

    private void Forget()
    {
        _shares.ForEach(share => share.Dispose());
        _shares.Clear();
    }
}

/// <summary>Shares in files of mode 0600: read when the secret is needed.</summary>
public sealed class ShareFiles(ShareKind kind, IReadOnlyList<string> paths) : IUnlockSource
{
    /// <inheritdoc/>
    public Task<CustodySecret> OpenAsync(CancellationToken cancellationToken = default)
    {
        List<KeyShare> shares = [];
        try
        {
            foreach (string path in paths)
            {
                KeyShare share = ShareText.ReadFile(path);
                shares.Add(share);
                if (share.Kind != kind)
                {
                    throw new KmsException(KmsError.ShareOfAnotherSet, $"{path} is of another kind");
                }
            }

            CustodySecret secret = KeyShare.Combine(shares);
            return Task.FromResult(secret);
        }
        finally
        {
            shares.ForEach(share => share.Dispose());
        }
    }
}
