using System.Security.Cryptography;
using Watchword.Hosting;

namespace Watchword.HttpProxy.Http;

/// <summary>
/// Names every request: 16 random hexadecimal digits of our own. Where the server behind the proxy names it in its answer, the
/// client is given that name, and the proxy's log line has it too: so one name leads to the server's log and audit.
/// </summary>
internal sealed class ForwardedCorrelationMiddleware(RequestDelegate next)
{
    private const string HeaderName = CorrelationMiddleware.HeaderName;
    private const int Digits = 16;

    public Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = RandomNumberGenerator.GetHexString(Digits, lowercase: true);
        context.Response.OnStarting(static state =>
        {
            HttpContext context = (HttpContext)state;
            if (!IsName(context.Response.Headers[HeaderName]))
            {
                context.Response.Headers[HeaderName] = context.TraceIdentifier;
            }

            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    /// <summary>The name that the client was told, or would have been.</summary>
    public static string IdOf(HttpContext context) =>
        context.Response.Headers[HeaderName] is [{ } told] && IsName(told) ? told : context.TraceIdentifier;

    /// <summary>Only what our servers make: whatever else a server says does not get into the log.</summary>
    private static bool IsName(string? value) => value is { Length: Digits } && value.All(char.IsAsciiHexDigitLower);
}
