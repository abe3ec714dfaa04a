using System.Security.Cryptography;

namespace Watchword.Idm.Server.Hosting;

/// <summary>Names a request in its answer and in every log line about it. The server makes it: a caller cannot forge log lines.</summary>
internal static class CorrelationId
{
    public const string Header = "X-Correlation-Id";
    private static readonly object Key = new();

    /// <summary>The name of the request: 16 hexadecimal digits.</summary>
    public static string Of(HttpContext context) =>
        context.Items[Key] as string ?? (string)(context.Items[Key] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));

    public static void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        string id = Of(context);
        context.Response.Headers[Header] = id;
        ILogger logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Watchword.Idm.Server.Request");
        using (logger.BeginScope(new KeyValuePair<string, object>[] { new("CorrelationId", id) }))
        {
            await next(context);
        }
    });
}
