using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Watchword.Idm.Server.Pages;

/// <summary>The frame of every page: one style sheet inside the page, named by its hash; no script, no picture, no font, no frame.</summary>
internal static class Page
{
    private static readonly string Style = ReadStyle();

    private static readonly string StyleSource =
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    /// <summary>A page whose forms may lead to this server and to <paramref name="formTarget"/>.</summary>
    public static IResult Create(HttpContext context, int status, string title, string body, string formTarget = "")
    {
        Protect(context.Response.Headers, formTarget);
        return Results.Content(Frame(title, body), "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    /// <summary>The same, for code that writes the response itself.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string title, string body)
    {
        Protect(context.Response.Headers, string.Empty);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(Frame(title, body), context.RequestAborted);
    }

    /// <summary>Text made safe for content and for quoted attributes.</summary>
    public static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? string.Empty);

    private static void Protect(IHeaderDictionary headers, string formTarget)
    {
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src {StyleSource}; form-action 'self' {formTarget}; base-uri 'none'; frame-ancestors 'none'";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.Pragma = "no-cache";
    }

    private static string Frame(string title, string body) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{Encode(title)}</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        {body}
        </main>
        </body>
        </html>

        """;

    private static string ReadStyle()
    {
        using Stream stream = typeof(Page).Assembly.GetManifestResourceStream("page.css")!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
