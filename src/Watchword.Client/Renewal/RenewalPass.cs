using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>One pass of renewal: what is due is done, one request after the other.</summary>
internal sealed class RenewalPass(KmClient client, TimeProvider time, KeyRenewalOptions options, IProgress<KeyRenewalEvent>? log)
{
    private const string CertificateName = "certificate";
    private const string PartnersName = "partners";
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(1);

    private readonly KeyStore _store = client.Store;
    private readonly RenewalSchedule _schedule = new(client.Store, options);
    private readonly List<KeyRenewalEvent> _events = [];
    private readonly List<DateTimeOffset> _dueAgain = [];
    private bool _stop;

    private DateTimeOffset Now => time.GetUtcNow();

    public async Task<KeyRenewalPass> RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> identities = Identities();
        if (identities.Count > 0)
        {
            await CertificateAsync(cancellation);
            await PartnersAsync(cancellation);
            foreach (string userUri in identities)
            {
                await IdentityAsync(userUri, cancellation);
            }
        }

        DateTimeOffset earliest = Now + AtLeast;
        DateTimeOffset next = _dueAgain.Count > 0 ? _dueAgain.Min() : Now + options.MaxDelay;
        return new KeyRenewalPass(_events, next > earliest ? next : earliest);
    }

    private IReadOnlyList<string> Identities()
    {
        try
        {
            return client.RenewedIdentities();
        }
        catch (WatchwordClientException e) when (e.Fault is ClientFault.NotLoggedIn or ClientFault.ScopeNotGranted)
        {
            Tell(new KeyRenewalEvent(KeyRenewalEventKind.LogInNeeded, Now) { Fault = e });
            return [];
        }
    }

    private async Task CertificateAsync(CancellationToken cancellation)
    {
        RenewalPlan plan = _schedule.PlanFor(CertificateName, Now);
        // Without a certificate nothing else can be done, whatever the plan says.
        bool missing = _store.RootAt(Now) is null;
        if (!IsDue(missing ? plan with { DueAt = plan.Failures > 0 ? plan.DueAt : Now } : plan))
        {
            return;
        }

        await TryAsync(plan, null, async () =>
        {
            HashSet<string> revokedBefore = [.. RevokedGenerations()];
            string? announcedBefore = Announced();
            KmsInitialization initialization = await client.InitializeOnceAsync(cancellation);
            TellIf(initialization.KeysChanged, KeyRenewalEventKind.CertificateChanged);
            TellIf(Announced() is { } announced && announced != announcedBefore, KeyRenewalEventKind.CertificateAnnounced);
            TellIf(!RevokedGenerations().All(revokedBefore.Contains), KeyRenewalEventKind.CertificateRevoked);
            AgainAfterInterval(CertificateName);
        });
    }

    private async Task PartnersAsync(CancellationToken cancellation)
    {
        RenewalPlan plan = _schedule.PlanFor(PartnersName, Now);
        if (!options.RenewPartnerCertificates || _store.KmsUri is null || !IsDue(plan))
        {
            return;
        }

        await TryAsync(plan, null, async () =>
        {
            try
            {
                TellIf(await client.RenewPartnersOnceAsync(cancellation), KeyRenewalEventKind.PartnerCertificatesChanged);
            }
            catch (WatchwordClientException e) when (e.HttpStatus is 404 or 405 or 501)
            {
                // A KMS of another maker without this request; perhaps its next release has it.
            }

            AgainAfterInterval(PartnersName);
        });
    }

    private async Task IdentityAsync(string userUri, CancellationToken cancellation)
    {
        foreach (RenewalTarget target in Targets(userUri))
        {
            RenewalPlan plan = _schedule.PlanFor(target, Now);
            if (!IsDue(plan))
            {
                continue;
            }

            await TryAsync(plan, target, async () =>
            {
                foreach (KeySetInfo keySet in await client.ProvisionOnceAsync(userUri, target.HasBegun ? null : target.At, cancellation))
                {
                    Tell(new KeyRenewalEvent(KeyRenewalEventKind.KeySetRenewed, Now) { KeySet = keySet, UserUri = userUri, Period = keySet.Period });
                }
            });
        }
    }

    /// <summary>
    /// The key set that counts now, and the one that counts after the next change of period or generation, as far as they are
    /// missing.
    /// </summary>
    private IEnumerable<RenewalTarget> Targets(string userUri)
    {
        DateTimeOffset now = Now;
        if (_store.RootAt(now) is not { } current)
        {
            yield break;
        }

        KeyPeriod period = current.Certificate.PeriodAt(now);
        DateTimeOffset boundary = period.End;
        if (_store.NextGenerationAfter(now) is { } change && change < boundary)
        {
            boundary = change;
        }

        _dueAgain.Add(boundary);
        if (!Holds(userUri, current, period))
        {
            yield return new RenewalTarget(userUri, current, period, now, HasBegun: true);
        }

        if (_store.RootAt(boundary) is { } then && then.Certificate.PeriodAt(boundary) is var next && !Holds(userUri, then, next))
        {
            yield return new RenewalTarget(userUri, then, next, boundary, HasBegun: false);
        }
    }

    private bool Holds(string userUri, StoredCertificate certificate, KeyPeriod period) => _store.KeySets.Any(k =>
        k.Period.Number == period.Number && string.Equals(k.UserUri, userUri, StringComparison.Ordinal)
        && k.Certificate.SequenceEqual(certificate.Fingerprint));

    private bool IsDue(RenewalPlan plan)
    {
        if (plan.IsRefused)
        {
            return false;
        }

        DateTimeOffset quiet = _schedule.QuietUntil;
        DateTimeOffset due = plan.DueAt > quiet ? plan.DueAt : quiet;
        if (due <= Now && !_stop)
        {
            return true;
        }

        _dueAgain.Add(due);
        return false;
    }

    private async Task TryAsync(RenewalPlan plan, RenewalTarget? target, Func<Task> act)
    {
        try
        {
            await act();
            _schedule.KmsAnswered(Now);
        }
        catch (WatchwordClientException e) when (e.Fault != ClientFault.StoreNotWritten)
        {
            KeyRenewalEvent what = new(KindOf(e.Fault), Now) { Fault = e, UserUri = target?.UserUri, Period = target?.Period };
            DateTimeOffset? retryAt = what.Kind switch
            {
                KeyRenewalEventKind.Refused => null,
                KeyRenewalEventKind.Rejected => _schedule.PutOff(plan, options.FirstFailureDelay, Now),
                KeyRenewalEventKind.LogInNeeded => _schedule.LeaveAlone(options.MaxDelay, null, Now),
                _ => _schedule.LeaveAlone(FirstDelayOf(e.Fault), e.RetryAfter, Now),
            };
            if (retryAt is null)
            {
                _schedule.Refuse(plan, target?.Period.End ?? DateTimeOffset.MaxValue);
            }
            else
            {
                _dueAgain.Add(retryAt.Value);
            }

            _stop |= what.Kind is KeyRenewalEventKind.Postponed or KeyRenewalEventKind.LogInNeeded;
            Tell(what with { RetryAt = retryAt });
        }
    }

    private static KeyRenewalEventKind KindOf(ClientFault fault) => fault switch
    {
        ClientFault.KmsForbidden or ClientFault.IdentityNotOwned or ClientFault.ScopeNotGranted => KeyRenewalEventKind.Refused,
        ClientFault.NotLoggedIn or ClientFault.RefreshRefused => KeyRenewalEventKind.LogInNeeded,
        ClientFault.KmsBusy or ClientFault.KmsFailed or ClientFault.ServerUnreachable or ClientFault.TlsNotTrusted
            or ClientFault.KmsUnauthorized or ClientFault.KmsRefused or ClientFault.RedirectRefused => KeyRenewalEventKind.Postponed,
        _ => KeyRenewalEventKind.Rejected,
    };

    private TimeSpan FirstDelayOf(ClientFault fault) =>
        fault is ClientFault.KmsBusy or ClientFault.ServerUnreachable or ClientFault.KmsUnauthorized ? options.FirstDelay : options.FirstFailureDelay;

    private void AgainAfterInterval(string name)
    {
        TimeSpan half = TimeSpan.FromSeconds((_store.RootCertificate?.Schedule.PeriodSeconds ?? long.MaxValue) / 2d is var s && s < 1e9 ? s : 1e9);
        _schedule.Done(name, options.CheckInterval < half ? options.CheckInterval : half, Now);
        _dueAgain.Add(_schedule.PlanFor(name, Now).DueAt);
    }

    private string? Announced() => _store.NextCertificate is { } next ? Convert.ToHexString(new StoredCertificate(next, Now).Fingerprint) : null;

    private IEnumerable<string> RevokedGenerations() =>
        _store.Roots.Where(c => c.Certificate.Revoked).Select(c => Convert.ToHexString(c.Fingerprint));

    private void TellIf(bool happened, KeyRenewalEventKind kind)
    {
        if (happened)
        {
            Tell(new KeyRenewalEvent(kind, Now));
        }
    }

    private void Tell(KeyRenewalEvent what)
    {
        _events.Add(what);
        log?.Report(what);
    }
}
