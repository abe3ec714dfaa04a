using System.Security.Cryptography;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// Gives every request a correlation id of our own making, 16 random hexadecimal digits, in <c>X-Correlation-Id</c> of the
/// answer. One that the client sends is not taken over: it would let a client write into the audit log.
/// </summary>
internal sealed class CorrelationMiddleware(RequestDelegate next)
{
    public const string HeaderName = "X-Correlation-Id";

    public Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = RandomNumberGenerator.GetHexString(16, lowercase: true);
        context.Response.Headers[HeaderName] = context.TraceIdentifier;
        return next(context);
    }
}
