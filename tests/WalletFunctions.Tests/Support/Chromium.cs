using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace WalletFunctions.Tests.Support;

/// <summary>A test that needs Chromium, and gives the reason if it is skipped.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <param name="onIPv6">Whether the page is at the address <c>::1</c>.</param>
    public BrowserFactAttribute(bool onIPv6 = false) =>
        Skip = Chromium.Program is null ? "No chromium, chromium-browser or google-chrome is on the path." : onIPv6 ? new IPv6FactAttribute().Skip : null;
}

/// <inheritdoc cref="BrowserFactAttribute" />
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = new BrowserFactAttribute().Skip;
}

/// <summary>One page in a headless Chromium that can reach only this machine, controlled over the DevTools protocol.</summary>
internal sealed partial class Chromium : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _calls = new();
    private readonly SemaphoreSlim _sending = new(1);
    private Task _reading = Task.CompletedTask;
    private int _lastCall;

    private Chromium(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    public static string? Program { get; } = ProgramFactAttribute.Find("chromium", "chromium-browser", "google-chrome");

    /// <summary>Every address that the page requested.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The errors of the page: exceptions, refused resources, violated policies.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public static async Task<Chromium> OpenAsync(Uri address, string colorScheme = "light")
    {
        var profile = Directory.CreateTempSubdirectory("walletfunctions-chromium-").FullName;
        var process = Process.Start(new ProcessStartInfo(Program!,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--hide-scrollbars",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "--window-size=1360,1000",
            // Without a network: only this machine's name resolves.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE ::1, EXCLUDE localhost",
            "about:blank",
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var page = new Chromium(process, profile);
        await page.ConnectAsync();
        foreach (var domain in new[] { "Page", "Network", "Runtime", "Log" })
        {
            await page.SendAsync($"{domain}.enable");
        }

        await page.SendAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = colorScheme }),
        });
        await page.SendAsync("Page.navigate", new JsonObject { ["url"] = address.AbsoluteUri });
        return page;
    }

    /// <summary>Returns the value of a JavaScript expression.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression,
            ["returnByValue"] = true,
            ["awaitPromise"] = true,
            ["userGesture"] = true,
        });
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]!["value"];
    }

    /// <summary>Waits until a JavaScript expression is true. It is false while the page is loading, also again.</summary>
    public async Task WaitForAsync(string expression)
    {
        var limit = Stopwatch.StartNew();
        while (!await IsTrueAsync(expression))
        {
            var errors = string.Join('\n', Errors);
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), $"did not become true: {expression}\n{errors}\n{await EvaluateAsync("document.body?.innerText")}");
            await Task.Delay(20);
        }
    }

    private async Task<bool> IsTrueAsync(string expression)
    {
        try
        {
            return (bool)(await EvaluateAsync($"(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()"))!;
        }
        catch (InvalidOperationException)
        {
            // The page that was asked is gone.
            return false;
        }
    }

    /// <summary>Moves to a control with the keyboard, and presses a key there.</summary>
    public async Task PressAsync(string key, string accessibleName)
    {
        for (var i = 0; i < 100; i++)
        {
            await KeyAsync("Tab", "Tab");
            var name = await EvaluateAsync("(e => e.ariaLabel || e.labels?.[0]?.innerText.trim() || e.innerText)(document.activeElement)");
            if (name?.GetValue<string>() == accessibleName)
            {
                await KeyAsync(key, key is " " ? "Space" : key, key is "Enter" ? "\r" : key);
                return;
            }
        }

        Assert.Fail($"The Tab key does not reach '{accessibleName}'.");
    }

    /// <summary>The roles and accessible names of all controls, as a screen reader gets them.</summary>
    public async Task<(string Role, string Name)[]> ControlsAsync()
    {
        var tree = await SendAsync("Accessibility.getFullAXTree");
        return
        [
            .. from node in tree["nodes"]!.AsArray()
               let role = node["role"]?["value"]?.GetValue<string>()
               where role is "button" or "link" or "radio" or "combobox"
               select (role, node["name"]?["value"]?.GetValue<string>() ?? ""),
        ];
    }

    /// <summary>Changes the size of the window.</summary>
    public Task SizeAsync(int width, int height) => SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = 1,
        ["mobile"] = false,
    });

    /// <summary>
    /// Compares the page with a picture in <c>.github/images</c>, by the visible text that is kept beside the picture, because pixels differ from machine to
    /// machine. If <c>WALLETFUNCTIONS_SCREENSHOTS</c> names a folder, takes the picture and its text there instead.
    /// </summary>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="within">The part of the page whose text is compared.</param>
    /// <param name="whole">Whether to show the whole page instead of the visible part.</param>
    public async Task PictureAsync(string name, string within = "body", bool whole = true)
    {
        var text = (await EvaluateAsync($"document.querySelector({JsonValue.Create(within).ToJsonString()}).innerText"))!.GetValue<string>();
        // Ids of traces, requests and versions differ at each run.
        text = string.Join('\n', Hexadecimal().Replace(text, "…").ReplaceLineEndings("\n").Trim().Split('\n').Select(line => line.TrimEnd())) + "\n";
        if (Environment.GetEnvironmentVariable("WALLETFUNCTIONS_SCREENSHOTS") is not { Length: > 0 } folder)
        {
            Assert.True(Repository.Read($".github/images/{name}.txt") == text,
                $"The page no longer shows what .github/images/{name}.png shows. Take the pictures again, and look at them:\n"
                + $"WALLETFUNCTIONS_SCREENSHOTS=.github/images dotnet test --filter PageTests\nThe page's text is now:\n{text}");
            return;
        }

        var size = (await SendAsync("Page.getLayoutMetrics"))[whole ? "cssContentSize" : "cssLayoutViewport"]!;
        var picture = await SendAsync("Page.captureScreenshot", new JsonObject
        {
            ["captureBeyondViewport"] = true,
            ["clip"] = new JsonObject
            {
                ["x"] = 0,
                ["y"] = 0,
                ["scale"] = 1,
                ["width"] = (size["width"] ?? size["clientWidth"])!.DeepClone(),
                ["height"] = (size["height"] ?? size["clientHeight"])!.DeepClone(),
            },
        });
        var file = Path.Combine(Repository.Root(), folder, name);
        await File.WriteAllBytesAsync(file + ".png", Convert.FromBase64String(picture["data"]!.GetValue<string>()));
        await File.WriteAllTextAsync(file + ".txt", text);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child process of Chromium may still be writing there.
        }
    }

    private async Task KeyAsync(string key, string code, string text = "")
    {
        var virtualKey = key switch { "Tab" => 9, "Enter" => 13, _ => 32 };
        foreach (var type in new[] { "keyDown", "keyUp" })
        {
            await SendAsync("Input.dispatchKeyEvent", new JsonObject
            {
                ["type"] = type,
                ["key"] = key,
                ["code"] = code,
                ["text"] = type is "keyDown" && key is not "Tab" ? text : "",
                ["windowsVirtualKeyCode"] = virtualKey,
            });
        }
    }

    private async Task ConnectAsync()
    {
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync();
        }
        while (line?.StartsWith("DevTools listening on ", StringComparison.Ordinal) is false);

        Assert.True(line is not null, "Chromium does not start.");
        _ = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        var port = new Uri(line.Split(' ')[^1]).Port;
        using var client = new HttpClient();
        var pages = JsonNode.Parse(await client.GetStringAsync($"http://127.0.0.1:{port}/json/list"))!.AsArray();
        var address = pages.First(page => page!["type"]!.GetValue<string>() is "page")!["webSocketDebuggerUrl"]!.GetValue<string>();
        await _socket.ConnectAsync(new Uri(address), CancellationToken.None);
        _reading = ReadAsync();
    }

    private async Task<JsonObject> SendAsync(string method, JsonObject? parameters = null)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var call = _calls[id] = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await call.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Understand(JsonNode.Parse(message.ToArray())!.AsObject());
                    message.SetLength(0);
                }
            }
        }
        catch (WebSocketException)
        {
            // Chromium has ended.
        }
    }

    private void Understand(JsonObject message)
    {
        if (message["id"]?.GetValue<int>() is { } id && _calls.TryRemove(id, out var call))
        {
            if (message["result"]?.AsObject() is { } result)
            {
                call.SetResult(result);
            }
            else
            {
                call.SetException(new InvalidOperationException(message.ToJsonString()));
            }
        }

        switch (message["method"]?.GetValue<string>())
        {
            case "Network.requestWillBeSent":
                Requests.Enqueue(message["params"]!["request"]!["url"]!.GetValue<string>());
                break;
            case "Runtime.exceptionThrown":
                Errors.Enqueue(message["params"]!["exceptionDetails"]!.ToJsonString());
                break;
            case "Log.entryAdded" when message["params"]!["entry"]!["level"]!.GetValue<string>() is "error":
                Errors.Enqueue(message["params"]!["entry"]!.ToJsonString());
                break;
        }
    }

    [GeneratedRegex("[0-9a-f]{12,}")]
    private static partial Regex Hexadecimal();
}
