using System.Security.Cryptography;

namespace Watchword.ResourceServers.Http;

/// <summary>Names every request: 16 random hexadecimal digits, in the answer and in the log.</summary>
internal sealed class CorrelationMiddleware(RequestDelegate next)
{
    public const string HeaderName = "X-Correlation-Id";

    private const int Digits = 16;

    public Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = RandomNumberGenerator.GetHexString(Digits, lowercase: true);
        context.Response.OnStarting(static state =>
        {
            HttpContext context = (HttpContext)state;
            context.Response.Headers[HeaderName] = context.TraceIdentifier;
            return Task.CompletedTask;
        }, context);
        return next(context);
    }
}
