using System.Collections.Concurrent;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Juspay;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>Tests the promise under random schedules of faults, over real HTTP. A schedule that breaks it is reduced and printed with its seed.</summary>
public sealed class ScheduleTests
{
    private static readonly Dictionary<string, Fault> Refusals = new(StringComparer.Ordinal)
    {
        ["400 INVALID_INPUT"] = Refusal(400, "INVALID_INPUT"),
        ["400 INVALID_ACTION"] = Refusal(400, "INVALID_ACTION"),
        ["400 ALREADY_EXISTS"] = Refusal(400, "ALREADY_EXISTS"),
        ["400 DUPLICATE_REQUEST"] = Refusal(400, "DUPLICATE_REQUEST"),
        ["401"] = Refusal(401, "UNAUTHORIZED"),
        ["403"] = Refusal(403, "BAD_ORIGIN"),
        ["404"] = Refusal(404, "RESOURCE_NOT_FOUND"),
        ["404, not Juspay's"] = new() { Status = 404, Body = "<html/>" },
    };

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Gen.OneOf<string>([.. FaultMatrix.Answers.Keys.Except(["silence", "denied", "key refused"])]).Select(Gen.Bool, (answer, after) => new Step(answer, IsAfter: after))),
        (4, Gen.Int[(int)WireFault.Closed, (int)WireFault.DripsOver].Select(fault => new Step(((WireFault)fault).ToString()))),
        // A refusal by Juspay means that the request changed nothing.
        (3, Gen.OneOf<string>([.. Refusals.Keys]).Select(refusal => new Step(refusal))),
        (1, Gen.OneOf("rotation", "rotation and vault down", "carried out later").Select(name => new Step(name))),
        // Silence is the hardest case, and would be rare by chance.
        (3, Gen.Const(new Step(nameof(WireFault.RequestStalls)))),
        (2, Gen.Const(new Step("nothing"))));

    // Faults occur singly, and as outages.
    private static readonly Gen<Step[]> Sequences = Gen.Frequency(
        (2, Steps.Array[0, 6]),
        (1, Steps.Select(Gen.Int[2, 6], (step, count) => Enumerable.Repeat(step, count).ToArray())));

    private static readonly Gen<Schedule> Schedules =
        Gen.Select(Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), Gen.Enum<AlreadyUnlinkedAnswer>(), Sequences)
            .Select((isLinked, alreadyUnlinked, steps) => new Schedule(isLinked, alreadyUnlinked, steps));

    [Fact]
    public async Task Delink_20000Schedules_NoFalseAndNoHiddenSuccess()
    {
        await using var bench = new Bench();
        var delinked = 0;

        await Schedules.SampleAsync(
            async schedule =>
            {
                var (answer, isLinked) = await bench.HappenAsync(schedule);
                delinked += answer.Status is 200 ? 1 : 0;
                Assert.Null(Promise.Broken(answer.Status, answer.IsRetryable, schedule.IsLinked, isLinked));
                Assert.True(answer.Status is not 500, answer.Body);
            },
            iter: 20_000, threads: Bench.Threads, print: schedule => schedule.ToString());

        Assert.InRange(delinked, 2_000, 18_000);
    }

    /// <summary>The same search must find a planted defect soon; otherwise it would prove nothing.</summary>
    [Theory]
    [InlineData("juspay_timeout", "false success")]
    [InlineData("juspay_unexpected_response", "false success")]
    [InlineData("juspay_unavailable", "hidden success")]
    public async Task Delink_WithAPlantedDefect_IsFoundWithin200Schedules(string misjudged, string broken)
    {
        await using var bench = new Bench();

        var found = await Assert.ThrowsAsync<CsCheckException>(() => Schedules.SampleAsync(
            async schedule =>
            {
                var (answer, isLinked) = await bench.HappenAsync(schedule);
                // The defect: an uncertain outcome is reported as done, or as final.
                var (status, isRetryable) = answer.Status is 200 || answer.Code != misjudged ? (answer.Status, answer.IsRetryable)
                    : broken is "false success" ? (200, false) : (422, false);
                Assert.Null(Promise.Broken(status, isRetryable, schedule.IsLinked, isLinked));
            },
            iter: 200, threads: Bench.Threads, print: schedule => schedule.ToString()));

        Assert.Contains("seed", found.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(broken, found.ToString(), StringComparison.Ordinal);
    }

    private static Fault Refusal(int status, string code) => new() { Status = status, Body = $$$"""{"error_info":{"code":"{{{code}}}"}}""" };

    /// <summary>The fault of one request to Juspay.</summary>
    private sealed record Step(string Name, bool IsAfter = false)
    {
        public override string ToString() => IsAfter ? $"{Name} (after the change)" : Name;
    }

    /// <summary>One delink: the wallet's state before, and one step for each request.</summary>
    private sealed record Schedule(bool IsLinked, AlreadyUnlinkedAnswer AlreadyUnlinked, Step[] Steps)
    {
        public override string ToString() =>
            $"{(IsLinked ? "linked" : "unlinked")} before, a repeat answers {AlreadyUnlinked}: [{string.Join("; ", Steps.Select(step => step.ToString()))}]";
    }

    /// <summary>Hosts that are reused, each for one schedule at a time.</summary>
    private sealed class Bench : IAsyncDisposable
    {
        public const int Threads = 4;

        /// <summary>After this many schedules a host ends, so that the search of its output stays short.</summary>
        private const int SchedulesPerHost = 200;

        private readonly ConcurrentBag<Place> _free = [];

        public async Task<(Answer Answer, bool IsLinked)> HappenAsync(Schedule schedule)
        {
            var place = _free.TryTake(out var free) ? free : await Place.StartAsync();
            var result = await place.HappenAsync(schedule);
            if (place.Used < SchedulesPerHost)
            {
                _free.Add(place);
            }
            else
            {
                await place.DisposeAsync();
            }

            return result;
        }

        public async ValueTask DisposeAsync()
        {
            while (_free.TryTake(out var place))
            {
                await place.DisposeAsync();
            }
        }
    }

    /// <summary>A host on a wire, with a clock that jumps to the end of each wait.</summary>
    private sealed class Place : IAsyncDisposable
    {
        private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

        private readonly Wire _wire = new(AttemptTimeout);
        private readonly Queue<Step> _steps = new();
        private TestHost? _host;
        private Fault? _atJuspay;
        private bool _isCarriedOutLater;

        public int Used { get; private set; }

        private TestHost Host => _host!;

        public static async Task<Place> StartAsync()
        {
            var place = new Place();
            place._host = await TestHost.StartAsync(configure: (builder, simulation, time) =>
            {
                builder.Services.AddSingleton(place._wire.Under(JuspayClient.CreateHandler()));
                place._wire.Otherwise = place.Next;
                place._wire.Advance = time.Advance;
                place._wire.Silent = () => _ = Task.Run(() => time.Advance(AttemptTimeout));
                time.TimerStarted = due =>
                {
                    if (due == TimeSpan.FromSeconds(1))
                    {
                        _ = Task.Run(() => time.Advance(due));
                    }
                };
                simulation.Faults.Otherwise = (target, _) => target is FaultTarget.Juspay ? place._atJuspay : null;
            });
            Assert.Equal(200, (await place.Host.GetAsync("/health/ready")).Status);
            return place;
        }

        public async Task<(Answer Answer, bool IsLinked)> HappenAsync(Schedule schedule)
        {
            Used++;
            Host.Simulation.Faults.Clear();
            Host.Juspay.Reset();
            // Later than every pause and Retry-After of the schedule before.
            Host.Time.Advance(TimeSpan.FromMinutes(1));
            Host.Juspay.AlreadyUnlinked = schedule.AlreadyUnlinked;
            Change(schedule.IsLinked);
            _isCarriedOutLater = false;
            _steps.Clear();
            foreach (var step in schedule.Steps)
            {
                _steps.Enqueue(step);
            }

            var answer = await Host.DelinkAsync();
            if (_isCarriedOutLater)
            {
                Change(isLinked: false);
            }

            return (answer, Host.IsLinked(TestHost.Paytm));
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _wire.Dispose();
        }

        private void Change(bool isLinked) => Host.Juspay.Put(Host.Juspay.Wallets.Single(wallet => wallet.Id == TestHost.Paytm) with { Linked = isLinked });

        /// <summary>Takes the next step when a request is sent: a fault of the wire, or else the answer at Juspay.</summary>
        private WireFault? Next(ReadOnlyMemory<byte> request)
        {
            _atJuspay = null;
            if (!_steps.TryDequeue(out var step))
            {
                return null;
            }

            if (Enum.IsDefined(typeof(WireFault), step.Name))
            {
                return Enum.Parse<WireFault>(step.Name);
            }

            switch (step.Name)
            {
                case "rotation":
                    Host.RotateKey();
                    break;
                case "rotation and vault down":
                    Host.RotateKey();
                    // The Azure client does not repeat after this status, so no real time is lost.
                    Host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = 409 });
                    break;
                case "carried out later":
                    _isCarriedOutLater |= request.Span.StartsWith("POST"u8);
                    return WireFault.Closed;
                case "nothing":
                    break;
                default:
                    _atJuspay = Refusals.GetValueOrDefault(step.Name)
                        ?? FaultMatrix.Answers[step.Name] with { Moment = step.IsAfter ? FaultMoment.After : FaultMoment.Before };
                    break;
            }

            return null;
        }
    }
}
