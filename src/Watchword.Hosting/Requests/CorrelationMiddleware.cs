using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Watchword.Hosting;

/// <summary>
/// Gives every request a correlation id of our own making, 16 random hexadecimal digits, in <c>X-Correlation-Id</c> of the answer. One
/// that the client sends is not taken over: it would let a client write into the log.
/// </summary>
public sealed class CorrelationMiddleware(RequestDelegate next)
{
    /// <summary>Name of the header.</summary>
    public const string HeaderName = "X-Correlation-Id";

    private const int Digits = 16;

    /// <summary>Names the request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.TraceIdentifier = RandomNumberGenerator.GetHexString(Digits, lowercase: true);
        // Last of all: an answer may be cleared and begun anew.
        context.Response.OnStarting(static state =>
        {
            HttpContext context = (HttpContext)state;
            context.Response.Headers[HeaderName] = context.TraceIdentifier;
            return Task.CompletedTask;
        }, context);
        return next(context);
    }
}
