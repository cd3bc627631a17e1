import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The laboratory's Spring Boot shop. Where its sessions are is decided by the class path (Redis, a database, Hazelcast,
 * or none of them: the servlet container's memory) and by Spring's own environment variables, SPRING_SESSION_... .
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({Pages.class, Shop.Json.class, Shop.Grid.class})
public class Shop {
    public static void main(String[] words) {
        SpringApplication.run(Shop.class, words);
    }

    /** LAB_SERIALIZER=json: the values in Redis are JSON instead of Java's own format. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.data.redis.serializer.RedisSerializer")
    @ConditionalOnProperty(name = "lab.serializer", havingValue = "json")
    static class Json {
        @Bean
        org.springframework.data.redis.serializer.RedisSerializer<Object> springSessionDefaultRedisSerializer() {
            return new org.springframework.data.redis.serializer.GenericJackson2JsonRedisSerializer();
        }
    }

    /** A member of Hazelcast on LAB_PORT that looks for others at LAB_MEMBERS, and only there; its maps are as LAB_GRID says. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "com.hazelcast.config.Config")
    static class Grid {
        @Bean
        com.hazelcast.config.Config hazelcastConfig() throws java.io.IOException {
            com.hazelcast.config.Config config = new com.hazelcast.config.YamlConfigBuilder(System.getenv("LAB_GRID")).build();
            config.setClusterName("shop");
            config.setProperty("hazelcast.phone.home.enabled", "false");
            config.setProperty("hazelcast.wait.seconds.before.join", "0");
            config.setProperty("hazelcast.partition.count", "11");
            config.setProperty("hazelcast.operation.thread.count", "2");
            config.setProperty("hazelcast.socket.bind.any", "false");
            config.getNetworkConfig().setPort(Integer.parseInt(System.getenv("LAB_PORT"))).setPortAutoIncrement(false);
            config.getNetworkConfig().setPublicAddress("127.0.0.1");
            config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
            // The group HEALTH_CHECK is on by default where the API is.
            config.getNetworkConfig().getRestApiConfig().setEnabled(true)
                    .enableGroups(com.hazelcast.config.RestEndpointGroup.CLUSTER_READ);
            com.hazelcast.config.JoinConfig join = config.getNetworkConfig().getJoin();
            join.getAutoDetectionConfig().setEnabled(false);
            join.getMulticastConfig().setEnabled(false);
            join.getTcpIpConfig().setEnabled(true);
            for (String member : System.getenv("LAB_MEMBERS").split(",")) {
                join.getTcpIpConfig().addMember(member);
            }
            return config;
        }
    }
}
