using System.Net;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Profiles;

/// <summary>Counts each quirk and each refusal in the shadow, and writes one line an hour about each client and kind.</summary>
internal sealed class QuirkLedger(KmsMetrics metrics, TimeProvider time, ILogger<QuirkLedger> log)
{
    /// <summary>Most clients and kinds remembered: beyond that an hour's news is counted and not written.</summary>
    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Issuer, string Subject, string Kind), DateTimeOffset> _written = [];
    private DateTimeOffset _fullUntil;

    /// <summary>A quirk of this client was borne with, or made up for.</summary>
    public void Seen(HttpContext context, Quirk quirk, ClientProfile profile)
    {
        metrics.QuirkSeen(quirk, profile.Kind);
        if (IsNews(context, quirk.ToString()))
        {
            log.QuirkSeen((int)quirk, quirk, profile.Kind, context.TraceIdentifier);
        }
    }

    /// <summary>A rule in the shadow would have refused this request.</summary>
    public void WouldRefuse(HttpContext context, StrictRule rule, KmsError error, ClientProfile profile)
    {
        metrics.WouldRefuse(rule, error, profile.Kind);
        if (IsNews(context, "shadow " + rule))
        {
            log.WouldRefuse(rule, (int)error, profile.Kind, context.TraceIdentifier);
        }
    }

    private bool IsNews(HttpContext context, string kind)
    {
        (string? issuer, string? subject) = RequesterMapping.NameOf(context.User);
        IPAddress? address = context.Connection.RemoteIpAddress;
        var key = (issuer ?? string.Empty, subject ?? address?.ToString() ?? string.Empty, kind);
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            if (_written.TryGetValue(key, out DateTimeOffset last) && now - last < Silence)
            {
                return false;
            }

            if (_written.Count >= MaxRemembered && !Forget(now))
            {
                return false;
            }

            _written[key] = now;
            return true;
        }
    }

    /// <summary>Makes room; false if everything remembered is of this hour. It looks once a minute.</summary>
    private bool Forget(DateTimeOffset now)
    {
        if (now < _fullUntil)
        {
            return false;
        }

        _fullUntil = now + TimeSpan.FromMinutes(1);
        foreach ((var key, DateTimeOffset last) in _written)
        {
            if (now - last >= Silence)
            {
                _written.Remove(key);
            }
        }

        return _written.Count < MaxRemembered;
    }
}
