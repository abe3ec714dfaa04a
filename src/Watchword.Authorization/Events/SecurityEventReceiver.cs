using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Watchword.Authorization.Configuration;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization.Events;

/// <summary>What became of a delivery.</summary>
internal readonly record struct SecurityEventReceipt(
    AuthorizationFault Fault, string? Position = null, TimeSpan? RetryAfter = null);

/// <summary>Checks a security event token and hands the event to the sink.</summary>
internal sealed class SecurityEventReceiver(
    TrustedIssuers issuers, ISecurityEventSink sink, IOptions<ResourceServerOptions> options, TimeProvider time,
    AuthorizationMetrics metrics, ILogger<SecurityEventReceiver> logger)
{
    private readonly SecurityEventReader _reader = new(options.Value.Audience, options.Value.Leeway);

    /// <summary>Takes one token; a receipt without fault means that what it says is stored.</summary>
    public async Task<SecurityEventReceipt> ReceiveAsync(string encoded, CancellationToken cancellationToken)
    {
        AuthorizationFault fault = CompactToken.TryParse(encoded, TokenKind.SecurityEvent, out CompactToken? token);
        using (token)
        {
            if (token is null)
            {
                return new SecurityEventReceipt(fault);
            }

            TokenSignature signature = await TokenSignature.CheckAsync(token, issuers, cancellationToken);
            if (signature.Issuer is not { } issuer)
            {
                return new SecurityEventReceipt(signature.Fault, RetryAfter: signature.RetryAfter);
            }

            if (issuer.Policy == SilencePolicy.Off)
            {
                return new SecurityEventReceipt(AuthorizationFault.EventsNotExpected);
            }

            fault = _reader.TryRead(token.Claims, issuer.Name, time.GetUtcNow(), out SecurityEvent? securityEvent);
            return fault == AuthorizationFault.None
                ? await AcceptAsync(securityEvent!, cancellationToken)
                : new SecurityEventReceipt(fault);
        }
    }

    private async Task<SecurityEventReceipt> AcceptAsync(SecurityEvent securityEvent, CancellationToken cancellationToken)
    {
        SecurityEventOutcome accepted = await sink.AcceptAsync(securityEvent, cancellationToken);
        metrics.EventJudged(securityEvent.Issuer, accepted.Outcome);
        if (accepted.Outcome == StreamOutcome.Applied && securityEvent.BeginsSnapshot)
        {
            logger.EventStreamBegan(securityEvent.Issuer);
        }

        AuthorizationFault fault = accepted.Outcome switch
        {
            StreamOutcome.OutOfOrder => AuthorizationFault.EventOutOfOrder,
            StreamOutcome.Unknown => AuthorizationFault.EventStreamUnknown,
            _ => AuthorizationFault.None,
        };
        return new SecurityEventReceipt(fault, EventStreamState.PositionFor(accepted.Outcome, accepted.Stream));
    }
}
