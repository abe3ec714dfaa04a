using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// What the security extension (TS 33.180 D.1) does to the answer of a request: nothing for a client without keys. Every answer
/// is signed from the moment that the signature of its request held, errors too.
/// </summary>
internal static class AnswerProtection
{
    /// <summary>Protects the answer of the request; the keys are zeroed when it has been sent.</summary>
    public static void Protect(HttpContext context, TransportKeyExchange exchange)
    {
        context.Response.RegisterForDispose(exchange);
        context.Features.Set(exchange);
    }

    /// <summary>The keys of the exchange; null if the client has none.</summary>
    public static TransportKeyExchange? Of(HttpContext context) => context.Features.Get<TransportKeyExchange>();

    /// <summary>The key sets as they may leave: wrapped for a client with keys. Those given stay with the caller.</summary>
    public static IReadOnlyList<KmsKeySet> Wrap(HttpContext context, IReadOnlyList<KmsKeySet> keySets) =>
        Of(context) is { } exchange ? [.. keySets.Select(exchange.Wrap)] : keySets;

    /// <summary>Writes a response, signed if its request was.</summary>
    public static void Write(HttpContext context, KmsResponse response, WipingBuffer destination, AnnexDOptions options)
    {
        if (Of(context)?.SigningKey is { } key)
        {
            response.WriteSignedTo(destination, key, options);
        }
        else
        {
            response.WriteTo(destination, options);
        }
    }
}
