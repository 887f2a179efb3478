using System.Text.Json.Nodes;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>
/// The clients that generators make of the OpenAPI document work. The callers in the folder <c>Clients</c> are compiled with them, and run against the local
/// host. The packages are installed in a temporary folder, where later runs find them.
/// </summary>
public sealed class GeneratedClientTests
{
    private const string NSwag = "openapi2csclient /input:{document} /output:Client.cs /namespace:Generated /classname:WalletClient /generateOptionalParameters:true";

    private static readonly NpmPackages Npm = new(
        "generators", "no client is generated for TypeScript or Postman",
        "@hey-api/openapi-ts@0.99.0", "openapi-fetch@0.17.0", "openapi-to-postmanv2@6.3.3", "openapi-typescript@7.13.0", "typescript@5.9.3");

    [SkippableTheory]
    [InlineData("nswag", "NSwag.ConsoleCore", "14.8.0", NSwag, "NSwag.cs", "Newtonsoft.Json 13.0.3")]
    [InlineData("nswag", "NSwag.ConsoleCore", "14.8.0", NSwag + " /jsonLibrary:SystemTextJson /jsonLibraryVersion:9.0", "NSwag.cs")]
    [InlineData("kiota", "Microsoft.OpenApi.Kiota", "1.38.0", "generate -l CSharp -d {document} -o Client -n Generated -c WalletClient", "Kiota.cs",
        "Microsoft.Kiota.Http.HttpClientLibrary 2.1.6", "Microsoft.Kiota.Serialization.Form 2.1.6", "Microsoft.Kiota.Serialization.Json 2.1.6",
        "Microsoft.Kiota.Serialization.Multipart 2.1.6", "Microsoft.Kiota.Serialization.Text 2.1.6")]
    public async Task Client_InCSharp_DelinksAndReadsProblems(string command, string tool, string version, string arguments, string caller, params string[] packages)
    {
        var generator = await InstallAsync(command, tool, version);
        using var work = Work.Start(("program.cs", "Program.cs"), (caller, "Caller.cs"));
        await work.SucceedAsync(generator, arguments.Split(' '));
        await File.WriteAllTextAsync(work.PathOf("Client.csproj"), Project(packages));
        var build = await work.RunAsync("dotnet", "build", "--nologo");
        Skip.If(build.Output.Contains("error NU11", StringComparison.Ordinal), $"The package feeds lack {string.Join(", ", packages)}, so the client of {tool} is not compiled.");
        Assert.True(build.ExitCode is 0, build.Output);

        await AssertDelinksAsync(work, "dotnet", Path.Combine("bin", "Debug", "net10.0", "Client.dll"));
    }

    [SkippableTheory]
    [InlineData("openapi-fetch.ts", "openapi-typescript/bin/cli.js {document} -o client.d.ts")]
    [InlineData("hey-api.ts", "@hey-api/openapi-ts/bin/run.js -i {document} -o client -c @hey-api/client-fetch")]
    public async Task Client_InTypeScript_DelinksAndReadsProblems(string caller, string generator)
    {
        Skip.If(Npm.WhyNot is not null, Npm.WhyNot);
        using var work = Work.Start(("program.ts", "program.ts"), (caller, "caller.ts"));
        await work.SucceedAsync("node", $"../node_modules/{generator}".Split(' '));
        await work.SucceedAsync(
            "node", "../node_modules/typescript/bin/tsc --strict --target es2022 --lib es2022,dom,dom.iterable --module commonjs --moduleResolution node10 --skipLibCheck --outDir out program.ts".Split(' '));

        await AssertDelinksAsync(work, "node", Path.Combine("out", "program.js"));
    }

    [SkippableFact]
    public async Task Collection_OfPostman_SendsTheCommand()
    {
        Skip.If(Npm.WhyNot is not null, Npm.WhyNot);
        using var work = Work.Start();
        await work.SucceedAsync("node", "../node_modules/openapi-to-postmanv2/bin/openapi2postmanv2.js -s {document} -o collection.json".Split(' '));
        await using var host = await TestHost.StartAsync();

        var collection = JsonNode.Parse(await File.ReadAllTextAsync(work.PathOf("collection.json")))!;
        var request = Requests(collection).Single(request => (string?)request["name"] == "Delink one wallet")["request"]!;
        var contentType = request["header"]!.AsArray().Single(header => (string?)header!["key"] == "Content-Type")!["value"]!.GetValue<string>();
        var answer = await host.DelinkAsync(body: request["body"]!["raw"]!.GetValue<string>(), contentType: contentType);

        Assert.Equal(200, answer.Status);
        Assert.Equal("x-functions-key", request["auth"]!["apikey"]!.AsArray().Single(part => (string?)part!["key"] == "key")!["value"]!.GetValue<string>());
    }

    private static IEnumerable<JsonNode> Requests(JsonNode folder) =>
        folder["item"]?.AsArray().SelectMany(item => item!["request"] is null ? Requests(item) : [item]) ?? [];

    /// <summary>The client delinks wallets with every form of balance, and reads the code of a problem and a 401.</summary>
    private static async Task AssertDelinksAsync(Work work, string program, string client)
    {
        await using var host = await TestHost.StartAsync();
        foreach (var balance in new[] { "109.55", "\"109.55\"", "\"\"", "{}" })
        {
            host.Fault(new Fault
            {
                Status = 200,
                Body = $$"""{"id":"{{TestHost.Paytm}}","wallet":null,"linked":false,"current_balance":{{balance}},"sub_details":null,"metadata":{{balance}}}""",
            });
        }

        var paytm = new[] { TestHost.Key, TestHost.Paytm };
        var run = await work.RunAsync(
            program,
            [client, host.Client.BaseAddress!.AbsoluteUri.TrimEnd('/'), TestHost.Customer, .. paytm, .. paytm, .. paytm, .. paytm, .. paytm, TestHost.Key, "wlt_ofNobody", "wrong-key", TestHost.Paytm]);

        Assert.Equal("", run.Errors);
        Assert.Equal(
            [.. Enumerable.Repeat("linked: false", 5), "404 wallet_not_found, retryable: false", "401"],
            run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase);
        Assert.False(host.IsLinked(TestHost.Paytm));
        Assert.All(host.Juspay.Requests, request => Assert.Equal(TestHost.Customer, request.Headers["x-routing-id"]));
    }

    private static string Project(IEnumerable<string> packages) =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(packages.Select(package => package.Split(' ')).Select(package => $"""<PackageReference Include="{package[0]}" Version="{package[1]}" />"""))}
          </ItemGroup>
        </Project>
        """;

    /// <summary>Installs a .NET tool unless an earlier run has. Returns its path.</summary>
    private static async Task<string> InstallAsync(string command, string tool, string version)
    {
        Skip.If(ProgramFactAttribute.Find("dotnet", "dotnet.exe") is null, "dotnet is not on the path.");
        var folder = Path.Combine(Npm.Folder, $"{tool}-{version}");
        var program = Path.Combine(folder, OperatingSystem.IsWindows() ? command + ".exe" : command);
        if (!File.Exists(program))
        {
            Directory.CreateDirectory(Npm.Folder);
            var install = await ChildProcess.RunAsync("dotnet", ["tool", "install", tool, "--version", version, "--tool-path", folder], Npm.Folder);
            Skip.If(install.ExitCode is not 0, $"The package feeds lack {tool} {version}, so no client is generated with it.");
        }

        return program;
    }

    /// <summary>A folder for generated code, beside the packages.</summary>
    private sealed class Work : IDisposable
    {
        private readonly string _folder = Path.Combine(Npm.Folder, Guid.NewGuid().ToString("N"));

        public static Work Start(params (string Source, string Name)[] files)
        {
            var work = new Work();
            Directory.CreateDirectory(work._folder);
            foreach (var (source, name) in files)
            {
                File.Copy(Path.Combine(Repository.Root(), "tests", "WalletFunctions.Tests", "OpenApi", "Clients", source), work.PathOf(name));
            }

            return work;
        }

        public string PathOf(string name) => Path.Combine(_folder, name);

        public Task<ChildProcess> RunAsync(string program, params string[] arguments) => ChildProcess.RunAsync(
            program, arguments.Select(argument => argument.Replace("{document}", Path.Combine(Repository.Root(), OpenApiDocument.File), StringComparison.Ordinal)), _folder);

        public async Task SucceedAsync(string program, params string[] arguments)
        {
            var run = await RunAsync(program, arguments);
            Assert.True(run.ExitCode is 0, $"{run.Output}\n{run.Errors}");
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
