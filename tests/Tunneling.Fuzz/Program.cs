using System.Diagnostics;
using System.Globalization;
using SharpFuzz;
using Tunneling.Fuzz;

// Tunneling.Fuzz TARGET afl                     one process under afl-fuzz, see fuzz.sh
// Tunneling.Fuzz TARGET random COUNT CORPUS...   COUNT mutations of the files, without instrumentation
// Tunneling.Fuzz TARGET replay FILE...           each file once
var targets = new Dictionary<string, Action<ReadOnlySpan<byte>>>(StringComparer.Ordinal)
{
    ["credentials"] = CredentialTarget.Run,
    ["hpack"] = HpackTarget.Run,
    ["heads"] = HeadTarget.Run,
    ["http1"] = Http1Target.Run,
    ["http2"] = Http2Target.Run,
    ["http3"] = Http3Target.Run,
    ["issuance"] = IssuanceTarget.Run,
    ["log"] = LogTarget.Run,
    ["masque"] = MasqueTarget.Run,
    ["memcached"] = MemcachedTarget.Run,
    ["tls"] = TlsTarget.Run,
};
if (args.Length < 2 || !targets.TryGetValue(args[0], out var target))
{
    await Console.Error.WriteLineAsync($"usage: Tunneling.Fuzz {string.Join('|', targets.Keys)} afl | random COUNT CORPUS... | replay FILE...");
    return 2;
}

switch (args[1])
{
    case "afl":
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            target(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        });
        return 0;
    case "random":
        var began = Stopwatch.StartNew();
        var mutations = Mutations.Run(target, long.Parse(args[2], CultureInfo.InvariantCulture), [.. Files(args[3..]).Select(File.ReadAllBytes)]);
        Console.WriteLine($"{args[0]}: {mutations:N0} inputs in {began.Elapsed.TotalSeconds:F0} s, none failed; {GC.GetTotalMemory(true) / 1024:N0} KiB live at the end");
        return 0;
    case "replay":
        foreach (var file in Files(args[2..])) target(await File.ReadAllBytesAsync(file));
        return 0;
    default:
        return 2;
}

static IEnumerable<string> Files(IEnumerable<string> paths) =>
    paths.SelectMany(path => Directory.Exists(path) ? Directory.EnumerateFiles(path) : [path]);
