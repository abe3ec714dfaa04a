namespace Watchword.Kms;

/// <summary>
/// Master secrets that are open, shared by all generations that use them. Who issues with them holds a lease: secrets that are
/// closed meanwhile are zeroed when the last lease ends, never under the hands of an issuance.
/// </summary>
internal sealed class OpenSecrets(MasterSecrets secrets) : IDisposable
{
    private readonly Lock _lock = new();
    private int _leases;
    private bool _closed;

    /// <summary>The secrets. Issuing needs a lease; comparing public keys does not.</summary>
    public MasterSecrets Secrets { get; } = secrets;

    /// <summary>A lease; null if the secrets are closed.</summary>
    public SecretsLease? TryLease()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return null;
            }

            _leases++;
            return new SecretsLease(this);
        }
    }

    /// <summary>No more leases; zeroes the secrets now or when the last lease ends.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            ZeroIfUnused();
        }
    }

    public void EndLease()
    {
        lock (_lock)
        {
            _leases--;
            ZeroIfUnused();
        }
    }

    private void ZeroIfUnused()
    {
        if (_closed && _leases == 0)
        {
            Secrets.Dispose();
        }
    }
}

/// <summary>The right to issue with master secrets, until it is disposed.</summary>
internal sealed class SecretsLease(OpenSecrets open) : IDisposable
{
    private int _ended;

    public MasterSecrets Secrets => open.Secrets;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            open.EndLease();
        }
    }
}
