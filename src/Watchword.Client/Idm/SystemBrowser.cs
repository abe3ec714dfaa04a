using System.Diagnostics;
using Duende.IdentityModel.OidcClient.Browser;

namespace Watchword.Client;

/// <summary>
/// Logs in with the system's browser; the answer comes back to a listener on 127.0.0.1 at a port that the system chose
/// (RFC 8252 §7.3, §8.3). Make one for each log-in.
/// </summary>
public sealed class SystemBrowser : ILoginBrowser, IDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Func<Uri, bool> _open;
    private readonly Action<Uri>? _announce;
    private readonly TimeProvider _time;

    /// <summary>Binds the listener.</summary>
    /// <param name="time">The clock for the time-out.</param>
    /// <param name="path">The path of the registered redirect URI.</param>
    /// <param name="announce">Told the address before the browser starts, so that a person can open it himself; null if nobody is told.</param>
    /// <param name="open">Starts a browser and says if it could; null for the system's.</param>
    public SystemBrowser(TimeProvider time, string path = "/callback", Action<Uri>? announce = null, Func<Uri, bool>? open = null)
    {
        _time = time;
        _announce = announce;
        _open = open ?? OpenSystemBrowser;
        _listener = new LoopbackListener(path);
    }

    /// <inheritdoc/>
    public string RedirectUri => _listener.RedirectUri;

    /// <inheritdoc/>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.LogInTimedOut"/>, <see cref="ClientFault.BrowserUnavailable"/>.</exception>
    public async Task<BrowserResult> InvokeAsync(BrowserOptions options, CancellationToken cancellationToken = default)
    {
        Uri url = HttpsUrl.Require(options.StartUrl, "authorization endpoint");
        using CancellationTokenSource timeout = new(options.Timeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Task<string> answer = _listener.WaitAsync(both.Token);
        _announce?.Invoke(url);
        if (!_open(url) && _announce is null)
        {
            await both.CancelAsync();
            throw new WatchwordClientException(ClientFault.BrowserUnavailable);
        }

        try
        {
            return new BrowserResult { ResultType = BrowserResultType.Success, Response = await answer };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WatchwordClientException(ClientFault.LogInTimedOut);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static bool OpenSystemBrowser(Uri url)
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(url.AbsoluteUri) { UseShellExecute = true });
            return true;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
